/** What a person may ask for as the device that trains. */

/** A device by name, or `auto` for the fastest of cpu, webgpu and cuda by a measurement. */
export const deviceWishes = ['cpu', 'webgpu', 'cuda', 'tfjs', 'auto'] as const;
export type DeviceWish = (typeof deviceWishes)[number];
