export type Metadata = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
