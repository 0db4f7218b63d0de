import { Failure } from './failure';

export async function fields(_kind: string | undefined, _options: { readonly output: 'table' | 'json' }): Promise<number> {
  throw new Failure('not yet');
}
