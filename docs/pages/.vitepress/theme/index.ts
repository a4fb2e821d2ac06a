import Theme from "vitepress/theme-without-fonts";
import { defineComponent, h, onBeforeUnmount, onMounted, ref } from "vue";
import "./live.css";

const isDark = (): boolean => document.documentElement.classList.contains("dark");

/**
 * `<LiveMachine kernel="6.12" block="32" show="statechart,zones" />`: a machine with the console's own parts, in a frame that is loaded when
 * somebody scrolls to it, so that no page waits for it.
 */
const LiveMachine = defineComponent({
  props: {
    kernel: { type: String, default: "6.12" },
    block: { type: String, default: "32" },
    show: { type: String, default: "" },
    title: { type: String, default: "A simulated machine" },
  },
  setup(props) {
    const frame = ref<HTMLIFrameElement>();
    const address = ref("");
    const heightPx = ref(420);
    let watcher: IntersectionObserver | undefined;
    let themes: MutationObserver | undefined;
    const hear = ({ source, origin, data }: MessageEvent): void => {
      if (origin === location.origin && source === frame.value?.contentWindow && data?.memhp === "height")
        heightPx.value = Math.ceil(data.px);
    };
    onMounted(() => {
      addEventListener("message", hear);
      watcher = new IntersectionObserver(([seen]) => {
        if (!seen?.isIntersecting) return;
        watcher?.disconnect();
        const asked = {
          kernel: props.kernel,
          block: props.block,
          show: props.show,
          theme: isDark() ? "dark" : "light",
        };
        address.value = `/live/embed.html?${new URLSearchParams(asked).toString()}`;
      });
      if (frame.value !== undefined) watcher.observe(frame.value);
      themes = new MutationObserver(() => {
        const theme = isDark() ? "dark" : "light";
        frame.value?.contentWindow?.postMessage({ memhp: "theme", theme }, location.origin);
      });
      themes.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
    });
    onBeforeUnmount(() => {
      removeEventListener("message", hear);
      watcher?.disconnect();
      themes?.disconnect();
    });
    return () =>
      h("iframe", {
        class: "live",
        ref: frame,
        title: props.title,
        style: { height: `${heightPx.value}px` },
        ...(address.value === "" ? {} : { src: address.value }),
      });
  },
});

export default {
  extends: Theme,
  enhanceApp({ app }: { app: { component(name: string, component: unknown): void } }) {
    app.component("LiveMachine", LiveMachine);
  },
};
