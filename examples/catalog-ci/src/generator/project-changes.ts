import * as names from "./names.ts";
import { type Deed, deed } from "./story.ts";
import type { Project, SecretContext, World } from "./world.ts";

/** One of the changes that people make to a project. It keeps to what the project has. */
export function projectChange(world: World, project: Project): Deed {
  const { draw } = world;
  const place = { type: "project", id: project.id, name: project.name };
  const hook = { type: "webhook", id: draw.id("whk") };
  const host = draw.pick(names.hookHosts);
  const schedule = { type: "schedule", id: draw.id("sch") };
  return draw.weighted<() => Deed>([
    [() => storeVariable(world, project, place), 10],
    [() => removeVariable(world, project, place), 3],
    [() => addKey(world, project, place), 2],
    [() => removeKey(world, project, place), 1],
    [() => deed("project.settings.updated", draw.pick(settings), [place]), 5],
    [() => changeVisibility(world, project, place), 0.5],
    [
      () =>
        deed(
          "project.created",
          {
            repository: `git.example/${world.organization.id}/${draw.pick(names.repositories)}`,
            default_branch: "main",
          },
          [{ type: "project", id: draw.id("prj") }],
        ),
      0.7,
    ],
    [() => deed("project.deleted", { pipelines: draw.integer(0, 60) }, [{ type: "project", id: draw.id("prj") }]), 0.3],
    [
      () =>
        deed(
          "webhook.created",
          { host, events: draw.some(["pipeline.finished", "job.finished", "deployment.finished"], 1, 3) },
          [hook, place],
        ),
      2,
    ],
    [
      () =>
        deed("webhook.updated", { host, changed: draw.some(["url", "events", "signing_secret"] as const, 1, 2) }, [
          hook,
          place,
        ]),
      2,
    ],
    [() => deed("webhook.deleted", { host }, [hook, place]), 1],
    [() => deed("schedule.created", { cron: draw.pick(names.crons), branch: "main" }, [schedule, place]), 1],
    [
      () => deed("schedule.updated", { cron_from: names.crons[0], cron_to: draw.pick(names.crons) }, [schedule, place]),
      1,
    ],
    [() => deed("schedule.deleted", { cron: draw.pick(names.crons) }, [schedule, place]), 0.5],
  ])();
}

const settings = [
  { setting: "auto_cancel_superseded", from: "off", to: "on" },
  { setting: "build_forks", from: "on", to: "off" },
  { setting: "job_timeout_minutes", from: "60", to: "30" },
  { setting: "ssh_sessions", from: "on", to: "off" },
] as const;

type Place = { readonly type: string; readonly id: string; readonly name: string };

function storeVariable({ draw }: World, project: Project, place: Place): Deed {
  const name = draw.pick(names.variableNames);
  const replaced = project.variables.has(name);
  project.variables.add(name);
  return deed("project.variable.stored", { name, replaced, masked: draw.chance(0.5) }, [place]);
}

function removeVariable(world: World, project: Project, place: Place): Deed {
  const name = world.draw.pick([...project.variables]);
  if (name === undefined) return storeVariable(world, project, place);
  project.variables.delete(name);
  return deed("project.variable.removed", { name }, [place]);
}

function addKey({ draw }: World, project: Project, place: Place): Deed {
  const fingerprint = draw.fingerprint();
  project.keys.push(fingerprint);
  const purpose = draw.pick(["checkout", "deploy"] as const);
  return deed(
    "project.ssh_key.added",
    { fingerprint, purpose, ...(purpose === "deploy" && { host: "deploy.example" }) },
    [place],
  );
}

function removeKey(world: World, project: Project, place: Place): Deed {
  const fingerprint = project.keys.shift();
  if (fingerprint === undefined) return addKey(world, project, place);
  return deed("project.ssh_key.removed", { fingerprint }, [place]);
}

function changeVisibility(_world: World, project: Project, place: Place): Deed {
  const from = project.visibility;
  project.visibility = from === "private" ? "internal" : "private";
  return deed("project.visibility.changed", { from, to: project.visibility }, [place]);
}

/** One of the changes that people make to a context. */
export function contextChange({ draw }: World, context: SecretContext): Deed {
  const place = { type: "context", id: context.id, name: context.name };
  const scratch = { type: "context", id: draw.id("ctx"), name: `trial-${draw.hex(3)}` };
  const gone = draw.pick([...context.secrets]);
  return draw.weighted<() => Deed>([
    [
      () => {
        const name = draw.pick(names.secretNames);
        const replaced = context.secrets.has(name);
        context.secrets.add(name);
        return deed("context.secret.stored", { name, replaced }, [place]);
      },
      10,
    ],
    [
      () => {
        context.secrets.delete(gone ?? "");
        return deed("context.secret.removed", { name: gone ?? "" }, [place]);
      },
      context.secrets.size > 1 ? 3 : 0,
    ],
    [
      () => {
        const from = context.restrictedTo;
        context.restrictedTo = draw.pick(["everyone", "groups", "projects"]);
        return deed("context.restriction.changed", { from, to: context.restrictedTo }, [place]);
      },
      2,
    ],
    [() => deed("context.created", { restricted_to: "groups" }, [scratch]), 1],
    [() => deed("context.deleted", { secrets: draw.integer(0, 3) }, [scratch]), 1],
  ])();
}
