import { expect, test } from "vitest";
import { site as eai } from "../../eai/site.ts";
import { subjectOfSite } from "../../src/commands/check-subject.ts";
import { readSettings } from "../../src/settings.ts";
import { Scratch } from "./scratch.ts";

const delivered = [eai.sendPort, eai.listenPort];

test.each([
  ["none", {}, delivered],
  ["SEND_PORT and LISTEN_PORT", { SEND_PORT: "6661", LISTEN_PORT: "6662" }, [6661, 6662]],
  ["ENGINE", { SIMULATOR: "off", ENGINE: "127.0.0.1:6661" }, [eai.sendPort, 6661]],
])(
  "the plain ports that are tried at the peer are the delivered ones, whatever is set here: %s",
  async (_, set, own) => {
    using scratch = new Scratch();
    const settings = await readSettings({ SITE: "eai", DATA_DIR: scratch.folder, ...set });
    const subject = await subjectOfSite(settings);
    expect(subject.plainPorts).toEqual(delivered);
    expect([subject.own?.to.accept.port, subject.own?.from?.connect[0]?.port]).toEqual(own);
  },
);

test("of a stunnel.conf that is named they are what it says", async () => {
  using scratch = new Scratch();
  const conf = scratch.write(
    "stunnel.conf",
    "cert = a\nCAfile = b\n[out]\nclient = yes\naccept = 7\nconnect = a:1\n[in]\naccept = 2\nconnect = 8\n",
  );
  expect((await subjectOfSite(await readSettings({ SEND_PORT: "6661" }), conf)).plainPorts).toEqual([7, 8]);
});
