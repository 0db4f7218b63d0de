import { Testing } from 'cdk8s';
import { Shop } from './shop';

test('the shop stays as it is', () => {
  expect(Testing.synth(new Shop(Testing.app(), 'shop'))).toMatchSnapshot();
});
