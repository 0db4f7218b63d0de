export { AddressGuard } from './address-guard';
export { DIRECT, nowhere, through } from './dialer';
export type { Dialer } from './dialer';
export { fetchKeys } from './fetch-keys';
export { KeyStore } from './key-store';
export { fetchBundle, parseBundle } from './spiffe-bundle';
