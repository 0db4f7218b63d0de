// Evaluates CEL rules with an implementation that is not ours. stdin: JSON [{ cel, values }]; stdout: JSON [['true' | 'false' | 'error', …], …].
import { Environment } from '@marcbachmann/cel-js';

class Url {
  constructor(scheme) {
    this.scheme = scheme;
  }
}

/** Kubernetes' isURL and url, which take what Go's net/url.ParseRequestURI takes, for the texts of these tests; url.test.ts has the hard ones. */
function parse(text) {
  if (text.startsWith('/') || text === '*') {
    return new Url('');
  }
  const scheme = /^([a-z]+):(?!\/\/:)\S*$/.exec(text)?.[1];
  return scheme && new Url(scheme);
}

const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
  .registerType('Url', Url)
  .registerFunction('isURL(string): bool', text => parse(text) !== undefined)
  .registerFunction('url(string): Url', text => {
    const url = parse(text);
    if (url === undefined) {
      throw new Error('no URL');
    }
    return url;
  })
  .registerFunction('Url.getScheme(): string', url => url.scheme)
  .registerFunction('isIP(string): bool', text => /^(\d{1,3}\.){3}\d{1,3}$/.test(text) || /^[0-9a-f:]*::[0-9a-f:]*$/.test(text));

/** The same rule in the words of this implementation: no `(?i)`, no has() of a list's item, no escaped field names. */
function portable(cel) {
  const sensitive = cel.includes('(?i)') ? cel.replace('(?i)', '').replaceAll('a-z_', 'a-zA-Z_') : cel;
  return sensitive.replaceAll('__namespace__', 'namespace').replace(/has\((self(?:\.\w+)?\[\d+\])\.(\w+)\)/g, '[$1].all(item, has(item.$2))');
}

/** CEL's whole numbers are not its doubles. */
function withIntegers(value) {
  if (Array.isArray(value)) {
    return value.map(withIntegers);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withIntegers(field)]));
  }
  return Number.isInteger(value) ? BigInt(value) : value;
}

function evaluate(expression, self) {
  try {
    return String(expression({ self: withIntegers(self) }));
  } catch (error) {
    return `error: ${error.message}`;
  }
}

let input = '';
for await (const chunk of process.stdin) {
  input += chunk;
}
const answers = JSON.parse(input).map(({ cel, values }) => {
  const expression = environment.parse(portable(cel));
  return values.map(value => evaluate(expression, value));
});
process.stdout.write(JSON.stringify(answers));
