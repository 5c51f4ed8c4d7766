import type { Transport } from '../transport';
import { ApplyError } from './errors';
import { type Scope, scopeOf } from './scope';
import type { ServicePlan, Step, Verb } from './step';

/** How many users are worked on at once: podman takes its share of the host for each. */
const USERS_AT_ONCE = 8;

export type Progress = (service: string, message: string) => void;

/** What is to be done to a host, and what of it has failed. */
export abstract class Agenda {
  protected readonly errors = new Map<string, ApplyError | undefined>();
  protected plans: ServicePlan[] = [];

  constructor(
    protected readonly transport: Transport,
    private readonly progress: Progress | undefined,
  ) {}

  /** The plans that have something to do and have not failed. */
  protected todo(): ServicePlan[] {
    return this.plans.filter((plan) => plan.steps.length > 0 && !this.errors.get(plan.name));
  }

  protected steps(
    verb: Verb,
    kind?: Step['kind'],
    plans: readonly ServicePlan[] = this.todo(),
  ): { plan: ServicePlan; step: Step }[] {
    return plans.flatMap((plan) =>
      plan.steps.filter((step) => step.verb === verb && (!kind || step.kind === kind)).map((step) => ({ plan, step })),
    );
  }

  protected units(verb: Verb, plans?: readonly ServicePlan[]): string[] {
    return this.steps(verb, 'units', plans).map(({ step }) => step.key);
  }

  /**
   * Does something for the system first, then for users, several at once: for each with what is to be done there. What
   * fails for a user fails for its services alone.
   */
  protected async inScopes(action: (scope: Scope, plans: ServicePlan[]) => Promise<void>): Promise<void> {
    const todo = this.todo();
    const act = (user: string | undefined) =>
      action(
        scopeOf(this.transport, user),
        todo.filter((plan) => plan.user === user),
      );
    if (todo.some(({ user }) => user === undefined)) await act(undefined);
    const users = new Set(todo.flatMap(({ user }) => user ?? []));
    await this.several(users, async (user) => {
      try {
        await act(user);
      } catch (error) {
        if (!(error instanceof ApplyError)) throw error;
        for (const plan of todo) if (plan.user === user) this.errors.set(plan.name, error);
      }
    });
  }

  /** Does something about users, or all that there is of one each. */
  protected async several<T>(items: Iterable<T>, action: (item: T) => Promise<void>): Promise<void> {
    const left = [...items];
    const worker = async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await action(item);
    };
    await Promise.all(Array.from({ length: USERS_AT_ONCE }, worker));
  }

  protected tell(plan: ServicePlan, message: string): void {
    this.progress?.(plan.path, message);
  }

  protected removed(): ServicePlan[] {
    return this.todo().filter(({ desired }) => !desired);
  }

  protected keys(kind: Step['kind'], plans?: readonly ServicePlan[]): string[] {
    return this.steps('remove', kind, plans).map(({ step }) => step.key);
  }

  protected async attempt(plan: ServicePlan, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof ApplyError)) throw error;
      this.errors.set(plan.name, error);
    }
  }
}
