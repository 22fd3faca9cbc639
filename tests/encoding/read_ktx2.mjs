// Prints what ktx-parse, an independent reader, finds in the KTX2 file on standard input.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { read } from "ktx-parse";

const container = read(new Uint8Array(readFileSync(0)));
const [descriptor] = container.dataFormatDescriptor;
const text = (value) => (typeof value === "string" ? value : new TextDecoder().decode(value));

console.log(
  JSON.stringify({
    vk_format: container.vkFormat,
    type_size: container.typeSize,
    size: [container.pixelWidth, container.pixelHeight, container.pixelDepth],
    layers: container.layerCount,
    faces: container.faceCount,
    supercompression: container.supercompressionScheme,
    levels: container.levels.map(({ levelData, uncompressedByteLength }) => ({
      bytes: levelData.byteLength,
      uncompressed_bytes: uncompressedByteLength,
      sha256: createHash("sha256").update(levelData).digest("hex"),
    })),
    entries: Object.fromEntries(
      Object.entries(container.keyValue).map(([key, value]) => [key, text(value)]),
    ),
    n_descriptors: container.dataFormatDescriptor.length,
    color_model: descriptor.colorModel,
    primaries: descriptor.colorPrimaries,
    transfer: descriptor.transferFunction,
    block: descriptor.texelBlockDimension,
    bytes_planes: descriptor.bytesPlane,
    samples: descriptor.samples.map((sample) => [
      sample.channelType,
      sample.bitOffset,
      sample.bitLength,
      sample.sampleLower,
      sample.sampleUpper,
    ]),
  }),
);
