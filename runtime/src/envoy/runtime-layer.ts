/** What every Envoy of ours runs with. Istio's setting: regular expressions may be as large as it takes. */
export const GLOBAL_RUNTIME = { 're2.max_program_size.error_level': 32_768 };
