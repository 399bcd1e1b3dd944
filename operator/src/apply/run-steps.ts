/** Carries out steps; one that fails does not keep the others from being tried. */
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { ApiError, ConflictError, ForbiddenError, InvalidError } from '@vectorcluster/kube/errors.ts';
import type { StepFailure } from '../plan/step-failure.ts';
import { ForeignObjectError } from './writer.ts';

interface AnyStep {
  readonly kind: string;
  readonly object: string;
  readonly because: string;
}

export interface StepsOutcome<Step extends AnyStep> {
  readonly done: readonly Step[];
  readonly failures: readonly StepFailure[];
  /** What to throw after the status is written, so that the work queue backs off; undefined when every step was done. */
  readonly error: unknown;
}

const tracer = trace.getTracer('vectorcluster-operator');

/** All steps of one stage at once, then the next stage. */
export async function runSteps<Step extends AnyStep>(
  stages: readonly (readonly Step[])[],
  run: (step: Step) => Promise<void>,
): Promise<StepsOutcome<Step>> {
  const done: Step[] = [];
  const failures: StepFailure[] = [];
  let firstError: unknown;
  for (const stage of stages) {
    await Promise.all(
      stage.map(async (step) => {
        try {
          await traced(step, run);
          done.push(step);
        } catch (error) {
          firstError ??= error;
          // Somebody else wrote in between: what is true now is decided on anew, and there is nothing to tell.
          if (!(error instanceof ConflictError)) failures.push(failureOf(step, error));
        }
      }),
    );
  }
  return { done, failures, error: firstError };
}

function traced<Step extends AnyStep>(step: Step, run: (step: Step) => Promise<void>): Promise<void> {
  const attributes = { 'vectorcluster.object': step.object, 'vectorcluster.because': step.because };
  return tracer.startActiveSpan(step.kind, { attributes }, async (span) => {
    try {
      await run(step);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

export function failureOf({ object, kind }: Pick<AnyStep, 'object' | 'kind'>, error: unknown): StepFailure {
  const isRefusal = error instanceof InvalidError || error instanceof ForbiddenError || error instanceof ForeignObjectError;
  const isExpected = isRefusal || error instanceof ApiError;
  return {
    object: `${kind} ${object}`,
    isRefusal,
    message: isExpected ? messageOf(error) : 'an internal error, see the log of the operator',
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
