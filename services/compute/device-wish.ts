/** What a person may ask for as the device that trains. */

/** A device by name, or `auto` for the one that is measured to be the fastest. */
export const deviceWishes = ['cpu', 'webgpu', 'cuda', 'auto'] as const;
export type DeviceWish = (typeof deviceWishes)[number];
