/** Parameters grouped for the optimiser: small ones share one vector, so that its many passes run over few arrays. */
import type { Expression } from './expression.ts';
import { type ArrayValue, type ParameterValues, sizeOf } from './values.ts';

/** Above this many elements, copying a parameter into the shared vector and back costs more than it saves. */
const LARGEST_SHARED = 2 ** 15;

/** Parameters that the optimiser treats as one array; a group of one keeps its parameter's shape. */
export interface ParameterGroup {
  /** Name of the parameter, or of the group if it has several. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly members: readonly GroupMember[];
  /** Whether weight decay acts on them. */
  readonly decays: boolean;
}

/** A parameter and its number of elements. */
interface GroupMember {
  readonly parameter: Expression;
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
}

/** Groups `parameters` by size and by whether weight decay acts on them. */
export function groupParameters(
  parameters: readonly Expression[],
  decays: (parameterName: string) => boolean,
): readonly ParameterGroup[] {
  const all = parameters.map((parameter) => {
    const shape = parameter.shape as readonly number[];
    return { parameter, name: parameter.name!, shape, size: sizeOf(shape) };
  });
  const decaying = all.filter(({ name }) => decays(name));
  const others = all.filter(({ name }) => !decays(name));
  return [
    ...groupMembers(decaying, 'small parameters', true),
    ...groupMembers(others, 'small parameters without decay', false),
  ];
}

function groupMembers(
  members: readonly GroupMember[],
  name: string,
  decays: boolean,
): readonly ParameterGroup[] {
  const small = members.filter(({ size }) => size <= LARGEST_SHARED);
  const alone = small.length > 1 ? members.filter((member) => !small.includes(member)) : members;
  const groups = alone.map((member): ParameterGroup => ({ ...member, members: [member], decays }));
  if (small.length < 2) return groups;
  const total = small.reduce((sum, { size }) => sum + size, 0);
  return [...groups, { name, shape: [total], members: small, decays }];
}

/** The group's array, made of its members' `values`. */
export function packGroup(group: ParameterGroup, values: ParameterValues): ArrayValue {
  if (group.members.length === 1) return values[group.name]!;
  const data = new Float32Array(sizeOf(group.shape));
  let offset = 0;
  for (const { name, size } of group.members) {
    data.set(values[name]!.data, offset);
    offset += size;
  }
  return { shape: group.shape, data };
}

/** The members' values, by name, from the group's array. */
export function unpackGroup(group: ParameterGroup, { data }: ArrayValue): ParameterValues {
  if (group.members.length === 1) return { [group.name]: { shape: group.shape, data } };
  const values: ParameterValues = {};
  let offset = 0;
  for (const { name, shape, size } of group.members) {
    values[name] = { shape, data: data.slice(offset, offset + size) };
    offset += size;
  }
  return values;
}
