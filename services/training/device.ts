/** Device: where the steps of a training are computed, chosen by their size, and what it leaves to the processor. */
import type { Expression } from '../../tensor/expression.ts';
import type { TrainingLoop, TrainingLoopSpec } from '../../tensor/training-loop.ts';
import { sizeOf } from '../../tensor/values.ts';
import type { DeviceChoice, Workload } from '../compute/compute.ts';
import { describePlacement, observePlacement } from '../compute/placement.ts';
import type { TrainingTask } from './training.ts';

/** Chooses the device for steps of a size. Errors: DEVICE_UNAVAILABLE. */
export type ChooseDevice = (workload: Workload) => Promise<DeviceChoice>;

/** The device for the steps of `spec` in batches of `batch`. */
export function chooseFor(
  choose: ChooseDevice,
  spec: Pick<TrainingLoopSpec, 'parameters'>,
  batch: number,
): Promise<DeviceChoice> {
  const count = (sum: number, { shape }: Expression): number => sum + sizeOf(shape as number[]);
  return choose({ parameters: spec.parameters.reduce(count, 0), batch });
}

/**
 * Emits `device-chosen` with the reason and, where it is not the processor, with the operations of `spec` that the device
 * leaves to the processor, as seen in one step that `tryStep` takes.
 */
export async function announceDevice(
  { model, emit }: Pick<TrainingTask, 'model' | 'emit'>,
  { device, providers, reason, openLoop }: DeviceChoice,
  spec: TrainingLoopSpec,
  tryStep: (loop: TrainingLoop) => Promise<unknown>,
): Promise<void> {
  const fields = { model: model.name, device: device.name, reason };
  if (providers[0] === 'cpu') return emit('device-chosen', fields);
  const placement = await observePlacement(async (profile) => {
    const loop = await openLoop({ ...spec, profile });
    await tryStep(loop);
    await loop.release();
  });
  const { fallback } = placement;
  emit('device-chosen', { ...fields, placement: describePlacement(placement), fallback });
}
