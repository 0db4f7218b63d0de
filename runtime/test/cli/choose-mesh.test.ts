import { choose } from '../../src/cli/choose-mesh';

const mesh = (name: string) => ({ status: { name } });
const said: string[] = [];
const say = (line: string) => said.push(line);

beforeEach(() => said.splice(0));

test('the only mesh is taken without a word', () => {
  expect(choose([mesh('shop')], undefined, say)).toEqual(mesh('shop'));
  expect(said).toEqual([]);
});

test('of several the newest is taken, and named with the others', () => {
  expect(choose([mesh('new'), mesh('old'), mesh('older')], undefined, say)).toEqual(mesh('new'));
  expect(said).toEqual(['3 meshes run: this is the newest, new; --mesh chooses another (old, older)']);
});

test('the one that is asked for is taken without a word', () => {
  expect(choose([mesh('new'), mesh('old')], 'old', say)).toEqual(mesh('old'));
  expect(said).toEqual([]);
});

test('a mesh that does not run is said to be missing, with those that run', () => {
  expect(() => choose([mesh('new')], 'old', say)).toThrow('no mesh old runs; there are new');
  expect(() => choose([], undefined, say)).toThrow('no mesh runs: start one with mesh up');
});
