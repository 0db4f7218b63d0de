/** `VirtualService` → `virtual-service`, `HTTPRoute` → `http-route`, `BackendTLSPolicy` → `backend-tls-policy`. */
export function kebabCase(kind: string): string {
  return kind.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replace(/([A-Z])([A-Z][a-z])/g, '$1-$2').toLowerCase();
}

/** `httpMatch` → `HttpMatch`, `mirror_percent` → `MirrorPercent`. */
export function pascalCase(field: string): string {
  return field.split(/[^A-Za-z0-9]+/).map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

export function camelCase(field: string): string {
  const pascal = pascalCase(field);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
}

/** A property name of TypeScript source: quoted only where it must be. */
export function propertyName(field: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(field) && field !== '__proto__' ? field : quoted(field);
}

export function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, '\\\'')}'`;
}
