import { BlockState, NO_ZONE } from "@memhp/engine";
import { ZONE_DEVICE, ZONE_NORMAL } from "@memhp/abi";
import { type ReactNode, useEffect, useRef } from "react";
import { type Theme, zoneLooks } from "./palette.ts";
import { Sprites, type SquareLook } from "./sprites.ts";

const SIZE = 13;
const plain = { state: BlockState.online, zone: ZONE_NORMAL, unmovable: false, selected: false, dim: false };

const states: readonly (readonly [name: string, look: SquareLook])[] = [
  ["online", plain],
  ["offline", { ...plain, state: BlockState.offline }],
  ["on its way", { ...plain, state: BlockState.goingOffline }],
  ["kernel pages", { ...plain, unmovable: true }],
  ["chosen", { ...plain, selected: true }],
];

/** What the squares mean. */
export function Legend({ theme }: { readonly theme: Theme }): ReactNode {
  return (
    <ul className="legend" aria-label="Legend">
      {zoneLooks
        .filter(({ zone }) => zone !== ZONE_DEVICE)
        .map(({ zone, name, letter }) => (
          <li key={name}>
            <Swatch
              look={{ ...plain, zone, state: zone === NO_ZONE ? BlockState.offline : BlockState.online }}
              theme={theme}
            />
            {name} <b>{letter}</b>
          </li>
        ))}
      {states.map(([name, look], i) => (
        <li key={name} className={i === 0 ? "apart" : undefined}>
          <Swatch look={look} theme={theme} />
          {name}
        </li>
      ))}
    </ul>
  );
}

/** A square exactly as the map paints it. */
function Swatch({ look, theme }: { readonly look: SquareLook; readonly theme: Theme }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = Math.round(SIZE * devicePixelRatio);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined) return;
    const image = context.createImageData(size, size);
    new Uint32Array(image.data.buffer).set(new Sprites(size, theme).square(look));
    context.putImageData(image, 0, 0);
  });
  return <canvas ref={canvas} width={size} height={size} style={{ width: SIZE, height: SIZE }} aria-hidden="true" />;
}
