import { readCertificateSettings } from '../../src/agent/certificate-settings';
import { WorkloadCertificate } from '../../src/agent/workload-certificate';

afterEach(() => jest.restoreAllMocks());

/** How long each attempt waits while the authority is away, without waiting. */
async function delaysWithout(authority: number): Promise<number[]> {
  const delays: number[] = [];
  jest.spyOn(global, 'setTimeout').mockImplementation(((again: () => void, ms: number) => {
    delays.push(ms);
    return setImmediate(again);
  }) as unknown as typeof setTimeout);
  let attempts = 0;
  await new Promise<void>((resolve) => {
    const certificate = new WorkloadCertificate({
      issuer: {
        sign: () => {
          if (++attempts === authority) {
            certificate.stop();
            resolve();
          }
          return Promise.reject(new Error('UNAVAILABLE'));
        },
      },
      settings: readCertificateSettings({}),
      onIssued: () => undefined, now: () => 0, random: () => 1,
    });
    certificate.start();
  });
  return delays;
}

test('while everything starts attempts come quickly, then ever more slowly: an authority that needs a little longer is not waited for half a minute', async () => {
  const delays = await delaysWithout(45);
  expect(Math.max(...delays.slice(0, 29))).toBeLessThanOrEqual(100);
  expect(delays.slice(29, 40)).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
});
