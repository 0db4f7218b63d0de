import { attach } from '../../model/attachment';
import { readDryRun } from '../dry-run';
import { readRbacRules } from '../rbac-reading';
import type { Reader } from '../reader';
import { authorizers, externalAccess } from './model';
import { readAuthorizers } from './read-authorizer';

export const externalAuthorizerReader: Reader = {
  mesh({ extensionProviders }, place) {
    const found = readAuthorizers(extensionProviders ?? [], place.at('extensionProviders'));
    return found.size > 0 ? [attach(authorizers, found)] : [];
  },

  policies: {
    AuthorizationPolicy(spec, place, metadata) {
      if (spec.action !== 'CUSTOM') {
        return [];
      }
      if (readDryRun(metadata, place)) {
        place.at('action').problem('CUSTOM cannot be tried: nobody is asked, and nothing is denied', 'warning');
        return [];
      }
      return [attach(externalAccess, { provider: spec.provider?.name ?? '', rules: readRbacRules(spec, place, metadata) })];
    },
  },
};
