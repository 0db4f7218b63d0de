import { bool } from '../../envoy';
import type { Emitter } from '../emitter';
import { fractionalPercent } from '../matcher';
import { mirrors } from './model';

export const mirrorEmitter: Emitter = {
  action(rule, context) {
    const all = rule.features.get(mirrors) ?? [];
    return all.length === 0 ? {} : {
      requestMirrorPolicies: all.map((mirror) => ({
        cluster: context.clusterOf(mirror.destination),
        runtimeFraction: { defaultValue: fractionalPercent(mirror.percent) },
        traceSampled: bool(false),
        // Istio stopped marking the host of copies with `-shadow` in 1.28; who wants it back says so.
        ...(context.switches.mirrorSameHost && { disableShadowHostSuffixAppend: true }),
      })),
    };
  },
};
