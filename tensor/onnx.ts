/** ONNX files: graphs written in the format's protocol buffers, byte for byte the same for the same graph. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from 'onnx-buf';
import { assert } from '../state/errors.ts';
import type { ElementType, Expression } from './expression.ts';
import {
  type AttributeValue,
  createEmitter,
  type Graph,
  type GraphNode,
  type GraphValue,
  graphValue,
  type Initialised,
} from './graph.ts';
import { inOrder } from './traversal.ts';
import type { ParameterValues } from './values.ts';

/** File format version that ONNX Runtime 1.18 and later read. */
const IR_VERSION = 10n;
/** Version of the default operator set. */
const OPSET_VERSION = 20n;

/** Version of the operator set of tree ensembles and other classical models. */
const ML_DOMAIN = { domain: 'ai.onnx.ml', version: 3n };

/** A node that may be of another operator set than the default one, and have lists of floats and of texts. */
export interface DomainNode extends Omit<GraphNode, 'attributes'> {
  readonly domain?: typeof ML_DOMAIN.domain;
  readonly attributes: Readonly<
    Record<
      string,
      | AttributeValue
      | { readonly floats: readonly number[] }
      | { readonly strings: readonly string[] }
    >
  >;
}

/** A graph of such nodes. */
export interface DomainGraph extends Omit<Graph, 'nodes'> {
  readonly nodes: readonly DomainNode[];
}

/** What an ONNX file holds beside the outputs' expressions. */
export interface OnnxOptions {
  /** Values of the parameters, which become part of the file; without them, parameters are inputs named like themselves. */
  readonly parameters?: ParameterValues;
  /** Texts to keep with the model. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An ONNX file that computes `outputs`, under these names, from the inputs that they depend on. */
export function emitOnnx(
  outputs: Readonly<Record<string, Expression>>,
  { parameters, metadata = {} }: OnnxOptions = {},
): Uint8Array {
  const emitter = createEmitter();
  const inputs: GraphValue[] = [];
  const leaves = new Map<string, Expression>();
  for (const leaf of inOrder(Object.values(outputs))) {
    if (leaf.op !== 'Input' && leaf.op !== 'Parameter') continue;
    const value = graphValue(leaf);
    assert(!leaves.has(value.name), `two inputs or parameters are named "${value.name}"`);
    leaves.set(value.name, leaf);
    emitter.bind(leaf, value.name);
    const baked = leaf.op === 'Parameter' ? parameters?.[value.name] : undefined;
    if (baked) emitter.initialise({ ...value, shape: baked.shape, data: baked.data });
    else inputs.push(value);
    assert(
      leaf.op === 'Input' || parameters === undefined || baked,
      `parameter "${value.name}" has a value`,
    );
  }
  emitter.emitAs(outputs);
  const results = Object.entries(outputs).map(([name, { type, shape }]) => ({ name, type, shape }));
  return encodeModel(emitter.finish('main', inputs, results), metadata);
}

/** `graph` as an ONNX file. */
export function encodeModel(
  graph: DomainGraph,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const isClassical = graph.nodes.some(({ domain }) => domain === ML_DOMAIN.domain);
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'agentic-forecast',
    opsetImport: [{ domain: '', version: OPSET_VERSION }, ...(isClassical ? [ML_DOMAIN] : [])],
    graph: encodeGraph(graph),
    metadataProps: Object.keys(metadata)
      .sort()
      .map((key) => ({ key, value: metadata[key]! })),
  });
  return toBinary(ModelProtoSchema, model);
}

function encodeGraph(graph: DomainGraph): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    node: graph.nodes.map(encodeNode),
    initializer: graph.initialisers.map(encodeTensor),
    input: graph.inputs.map(encodeValue),
    output: graph.outputs.map(encodeValue),
  });
}

function encodeNode({ op, domain = '', inputs, outputs, attributes }: DomainNode): NodeProto {
  return create(NodeProtoSchema, {
    opType: op,
    domain,
    name: outputs[0]!,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value)),
  });
}

function encodeAttribute(name: string, value: DomainNode['attributes'][string]): AttributeProto {
  const types = AttributeProto_AttributeType;
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: types.INT, i: BigInt(value) });
  }
  if (typeof value === 'string') {
    const s = new TextEncoder().encode(value);
    return create(AttributeProtoSchema, { name, type: types.STRING, s });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: types.FLOAT, f: value.float });
  }
  if ('floats' in value) {
    return create(AttributeProtoSchema, { name, type: types.FLOATS, floats: [...value.floats] });
  }
  if ('strings' in value) {
    const encoder = new TextEncoder();
    const strings = value.strings.map((text) => encoder.encode(text));
    return create(AttributeProtoSchema, { name, type: types.STRINGS, strings });
  }
  if ('nodes' in value) {
    return create(AttributeProtoSchema, { name, type: types.GRAPH, g: encodeGraph(value) });
  }
  const ints = value.map((element) => BigInt(element));
  return create(AttributeProtoSchema, { name, type: types.INTS, ints });
}

const elementTypes: Readonly<Record<ElementType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
};

function encodeTensor({ name, type, shape, data }: Initialised): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: elementTypes[type],
    dims: shape.map((dimension) => BigInt(dimension)),
    // A copy of just these elements, which stand in memory as ONNX wants them: little-endian.
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
  });
}

function encodeValue({ name, type, shape }: GraphValue): ValueInfoProto {
  const dim = shape.map((dimension) =>
    typeof dimension === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(dimension) } }
      : { value: { case: 'dimParam' as const, value: dimension } },
  );
  const tensor = { elemType: elementTypes[type], shape: { dim } };
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: tensor } },
  });
}
