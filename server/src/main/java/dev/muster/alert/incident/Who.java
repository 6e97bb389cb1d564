package dev.muster.alert.incident;

import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;

/**
 * Who does something to an incident.
 *
 * @param name as the timeline shows it
 * @param person whether it counts as a hand that somebody had to lend
 */
public record Who(String name, boolean person) {
    public static final Who SYSTEM = new Who("system", false);

    public static Who of(Actor actor) {
        return new Who(actor.toString(), actor.kind() != ActorKind.SYSTEM);
    }

    public static Who runbook(String name) {
        return new Who("runbook " + name, false);
    }
}
