import { type RefObject, useEffect, useRef } from "react";

/** What fingers and wheels ask of a map; places are pixels of the window. */
export interface ZoomGestures {
  /** One step larger (-1) or smaller (1). */
  step(by: 1 | -1, x: number, y: number): void;
  /** Two fingers are down. */
  pinchBegins(): void;
  /** They are so many times as far apart as when they came down. */
  pinch(ratio: number, x: number, y: number): void;
}

/** A wheel says how far in pixels; so many are a step. */
const STEP_PX = 40;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Hears Control and the wheel, which is what two fingers on a touchpad send, and two fingers on the element itself. */
export function useZoomGestures(element: RefObject<HTMLElement | null>, gestures: ZoomGestures): void {
  const newest = useRef(gestures);
  newest.current = gestures;
  useEffect(() => {
    const heard = element.current;
    if (heard === null) return undefined;
    const fingers = new Map<number, Point>();
    let apart = 0;
    let turned = 0;
    const turn = (event: WheelEvent): void => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      turned += event.deltaY;
      if (Math.abs(turned) < STEP_PX) return;
      newest.current.step(turned > 0 ? 1 : -1, event.clientX, event.clientY);
      turned = 0;
    };
    const distance = (): number => {
      const [a, b] = [...fingers.values()] as [Point, Point];
      return Math.hypot(a.x - b.x, a.y - b.y);
    };
    const down = (event: PointerEvent): void => {
      if (event.pointerType !== "touch") return;
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size !== 2) return;
      apart = distance();
      newest.current.pinchBegins();
    };
    const move = (event: PointerEvent): void => {
      if (!fingers.has(event.pointerId)) return;
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size !== 2 || apart === 0) return;
      const [a, b] = [...fingers.values()] as [Point, Point];
      newest.current.pinch(distance() / apart, (a.x + b.x) / 2, (a.y + b.y) / 2);
    };
    const up = (event: PointerEvent): void => void fingers.delete(event.pointerId);
    // One finger scrolls, as the element's touch-action says; two are kept from it.
    const keep = (event: TouchEvent): void => {
      if (event.touches.length > 1 && event.cancelable) event.preventDefault();
    };
    // React's own listeners are passive, and could not keep the page from zooming.
    heard.addEventListener("wheel", turn, { passive: false });
    heard.addEventListener("touchstart", keep, { passive: false });
    heard.addEventListener("touchmove", keep, { passive: false });
    heard.addEventListener("pointerdown", down);
    heard.addEventListener("pointermove", move);
    heard.addEventListener("pointerup", up);
    heard.addEventListener("pointercancel", up);
    return () => {
      heard.removeEventListener("wheel", turn);
      heard.removeEventListener("touchstart", keep);
      heard.removeEventListener("touchmove", keep);
      heard.removeEventListener("pointerdown", down);
      heard.removeEventListener("pointermove", move);
      heard.removeEventListener("pointerup", up);
      heard.removeEventListener("pointercancel", up);
    };
  }, [element]);
}
