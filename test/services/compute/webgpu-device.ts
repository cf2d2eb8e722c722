/** Whether this machine computes on WebGPU; a test that needs it skips, saying why, where it does not. */
import { type Device, findDevices } from '../../../services/compute/devices.ts';

const devices = await findDevices(process.env);

/** The device on WebGPU, with the reason where it cannot be used, which `REQUIRE_WEBGPU=1` makes an error. */
export const webgpu: Device = devices.find(({ name }) => name === 'webgpu')!;

if (process.env['REQUIRE_WEBGPU'] === '1' && webgpu.whyNot !== undefined) {
  throw new Error(`WebGPU is required: ${webgpu.whyNot}`);
}
