import Theme from "vitepress/theme-without-fonts";
import { defineComponent, h, onBeforeUnmount, onMounted, ref } from "vue";
import "./live.css";

/** `<LiveMachine kernel="6.12" />`: the machine is loaded when somebody scrolls to it, so that no page waits for it. */
const LiveMachine = defineComponent({
  props: { kernel: { type: String, default: "6.12" } },
  setup(props) {
    const place = ref<HTMLElement>();
    let end: (() => void) | undefined;
    let watcher: IntersectionObserver | undefined;
    onMounted(() => {
      const element = place.value;
      if (element === undefined) return;
      const show = async (): Promise<void> => {
        const { showMachine } = await import("../../../live/live-machine.ts");
        end = await showMachine(element, props.kernel);
      };
      watcher = new IntersectionObserver(([seen]) => {
        if (!seen?.isIntersecting) return;
        watcher?.disconnect();
        void show();
      });
      watcher.observe(element);
    });
    onBeforeUnmount(() => {
      watcher?.disconnect();
      end?.();
    });
    return () => h("div", { class: "live", ref: place }, "A machine boots here when the page is open in a browser.");
  },
});

export default {
  extends: Theme,
  enhanceApp({ app }: { app: { component(name: string, component: unknown): void } }) {
    app.component("LiveMachine", LiveMachine);
  },
};
