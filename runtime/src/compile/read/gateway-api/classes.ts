import { controllerOf } from '../../../gateway-api';
import type { Resource } from '../../../model/resource';
import { refOf } from '../../../model/resource';
import type { ObjectStatus } from '../../../model/status';
import { holds } from '../../../model/status';

export function classStatus(gatewayClass: Resource): ObjectStatus[] {
  return controllerOf('', gatewayClass) === 'other' ? [] : [{
    resource: refOf(gatewayClass),
    part: { of: 'object' },
    conditions: [holds('Accepted', 'Accepted', 'Handled by Istio controller')],
  }];
}
