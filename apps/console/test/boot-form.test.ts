import { kernels } from "@memhp/kernels";
import { describe, expect, test } from "vitest";
import { bootFromForm } from "../src/session/boot.ts";
import { catalogue } from "../src/session/catalogue.ts";
import { defaultForm, fieldOf, kernelChosen, optionValue, withOption, withSwitch } from "../src/session/boot-form.ts";

describe("the kernel command line", () => {
  test("takes options in and out and leaves other words alone", () => {
    const line = withOption("quiet  console=ttyS0", "kernelcore", "512M");
    expect(line).toBe("quiet console=ttyS0 kernelcore=512M");
    expect(withOption(line, "kernelcore", "1G")).toBe("quiet console=ttyS0 kernelcore=1G");
    expect(withOption(line, "kernelcore", undefined)).toBe("quiet console=ttyS0");
    expect(withOption("", "movable_node", "")).toBe("movable_node");
  });

  test("tells what an option is set to; the last one counts", () => {
    expect(optionValue("mem=1G quiet mem=2G", "mem")).toBe("2G");
    expect(optionValue("movable_node", "movable_node")).toBe("");
    expect(optionValue("memory=1G", "mem")).toBeUndefined();
  });

  test("offers only options that the kernel reads", () => {
    const offered = (kernel: string): readonly string[] =>
      catalogue().kernels.find(({ id }) => id === kernel)?.options ?? [];
    expect(offered("4.1")).not.toContain("memhp_default_state");
    expect(offered("6.12")).toContain("memory_hotplug.online_policy");
  });
});

describe("booting from the form", () => {
  test.each(kernels.map(({ id }) => id))("%s boots as the form first stands", async (kernel) => {
    const session = await bootFromForm({ ...defaultForm, kernel });
    expect(session.columns().ids).toHaveLength(48);
    expect(session.machine.kernel.id).toBe(kernel);
    await session.close();
  });

  test("another kernel boots whatever the switches of the one before were", async () => {
    const form = { ...defaultForm, kernel: "4.1", config: { MOVABLE_NODE: false } };
    await expect(bootFromForm({ ...form, kernel: "6.12" })).rejects.toThrow("6.12 has no such switch");
    const session = await bootFromForm({ ...form, ...kernelChosen("6.12") });
    expect(session.machine.kernel.id).toBe("6.12");
    await session.close();
  });

  test("options reach the kernel", async () => {
    const session = await bootFromForm({ ...defaultForm, kernel: "6.12", cmdline: "numa=off" });
    expect(session.machine.board.possibleNodes).toEqual([0]);
    await session.close();
  });

  test("switches of the configuration reach the kernel and the scenario; a kernel's own are none", async () => {
    const offered = catalogue().kernels.find(({ id }) => id === "6.12")?.switches ?? [];
    const remove = offered.find(({ name }) => name === "MEMORY_HOTREMOVE");
    if (remove === undefined) throw new Error("no such switch");
    const config = withSwitch({}, remove, false);
    expect(withSwitch(config, remove, true)).toEqual({});
    const session = await bootFromForm({ ...defaultForm, kernel: "6.12", config });
    expect(session.machine.kernel.config.MEMORY_HOTREMOVE).toBe(false);
    expect(session.origin).toMatchObject({ config: { MEMORY_HOTREMOVE: false } });
    await session.close();
    const fixed = offered.find((each) => each.fixed !== "");
    const wrong = bootFromForm({
      ...defaultForm,
      kernel: "6.12",
      config: { [fixed?.name ?? ""]: fixed?.value !== true },
    });
    await expect(wrong.catch((error: Error) => fieldOf(error.message))).resolves.toBe("config");
  });

  test("without a kernel's name the first boots", async () => {
    const session = await bootFromForm(defaultForm);
    expect(session.machine.kernel.id).toBe(kernels[0]?.id);
    await session.close();
  });

  test("nodes without memory are refused", async () => {
    await expect(bootFromForm({ ...defaultForm, memory: "0" })).rejects.toThrow(/machine\.nodes\.memory: .*0 bytes/);
  });

  test("a size that is none is said in words", async () => {
    await expect(bootFromForm({ ...defaultForm, memory: "lots" })).rejects.toThrow(/machine\.nodes\.memory.*lots/);
  });
});
