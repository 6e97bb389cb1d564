package dev.muster.identity;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which role may do what to which kind, on one screen. */
public final class Permissions {
    private Permissions() {}

    /** The least role that may do this. */
    public static Role needed(Verb verb, Kind kind) {
        return switch (kind) {
            case ASSET,
                    ASSET_TYPE,
                    GROUP,
                    CONFIGURATION,
                    ROLLOUT,
                    CLAIM_TOKEN,
                    CERTIFICATE,
                    COMMAND,
                    RELEASE,
                    SLO,
                    ALERT,
                    ALERTING -> needed(verb, Role.VIEWER, Role.OPERATOR);
            case INCIDENT, RUNBOOK -> needed(verb, Role.VIEWER, Role.OPERATOR);
            case TELEMETRY, EVENT, AUDIT, CA, METRICS -> needed(verb, Role.VIEWER, Role.ADMIN);
            case FILE -> needed(verb, Role.OPERATOR, Role.OPERATOR); // may show people, or hold secrets
            case TOKEN, BACKUP -> Role.ADMIN;
            case SELF -> needed(verb, Role.VIEWER, Role.VIEWER);
        };
    }

    private static Role needed(Verb verb, Role toRead, Role toWrite) {
        return switch (verb) {
            case READ -> toRead;
            case WRITE -> toWrite;
            case ADMIN -> Role.ADMIN;
        };
    }

    /** @throws Refusal FORBIDDEN, says what is needed and what the actor has */
    public static void require(Actor actor, Verb verb, Kind kind) {
        refusal(actor, verb, kind).ifPresent(message -> {
            throw new Refusal(ErrorCode.FORBIDDEN, message);
        });
    }

    /** Why the actor may not do this: what is needed and what it has; empty when it may. */
    public static Optional<String> refusal(Actor actor, Verb verb, Kind kind) {
        return lack(actor, verb, kind)
                .map(lack -> "%s may not %s: %s of kind \"%s\" %s"
                        .formatted(actor, verb.wire(), verb.wire(), kind.wire(), lack));
    }

    /** What the actor lacks for this, as the end of a sentence; empty when it may. */
    public static Optional<String> lack(Actor actor, Verb verb, Kind kind) {
        Role needed = needed(verb, kind);
        if (!actor.role().includes(needed)) {
            return Optional.of("needs the role %s, the actor has %s"
                    .formatted(needed.wire(), actor.role().wire()));
        }
        if (actor.scope().isAll() || allowsNarrower(verb, kind.reach())) {
            return Optional.empty();
        }
        return Optional.of("needs a scope of all assets, the actor has %s".formatted(actor.scope()));
    }

    /** What the actor may not do, by kind and verb, and what it lacks for it; what is not in it, it may. */
    public static Map<String, Map<String, String>> lacks(Actor actor) {
        Map<String, Map<String, String>> lacks = new TreeMap<>();
        for (Kind kind : Kind.values()) {
            for (Verb verb : Verb.values()) {
                lack(actor, verb, kind)
                        .ifPresent(lack -> lacks.computeIfAbsent(kind.wire(), each -> new TreeMap<>())
                                .put(verb.wire(), lack));
            }
        }
        return lacks;
    }

    private static boolean allowsNarrower(Verb verb, Reach reach) {
        return switch (reach) {
            case NARROWED -> true;
            case SHARED -> verb == Verb.READ;
            case WHOLE -> false;
        };
    }
}
