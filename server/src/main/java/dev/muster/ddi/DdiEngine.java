package dev.muster.ddi;

import dev.muster.ddi.DdiAction.State;
import dev.muster.ddi.DdiTarget.Claim;
import dev.muster.gateway.port.Deployments.Client;
import dev.muster.gateway.port.Deployments.Execution;
import dev.muster.gateway.port.Deployments.Feedback;
import dev.muster.gateway.port.Deployments.Finished;
import dev.muster.protocol.Uplink.Update;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Works out what an asset is to be told, and what its words mean. */
final class DdiEngine {
    /** How long an old version that is told after a claim is taken for one told before the restart. */
    static final Duration RESTARTS_WITHIN = Duration.ofMinutes(10);

    private static final int MAX_REASON = 500;
    /** SWUpdate says so when all is written and the restart is to come. */
    private static final String ALL_INSTALLED = "All Chunks Installed.";

    private DdiEngine() {}

    /**
     * One component as it is assigned.
     *
     * @param source null when nobody knows where the version comes from
     */
    record Wanted(String version, String attempt, DdiAction.@Nullable Source source) {}

    /**
     * An asset as it stands.
     *
     * @param open actions that have not ended, in the order of their ids
     * @param wanted by component
     * @param known attempts of {@code wanted} for which there is an action, whatever became of it
     * @param generation of the desired state; 0 for none
     */
    record Standing(
            DdiTarget target, List<DdiAction> open, Map<String, Wanted> wanted, Set<String> known, long generation) {}

    /** @param actions that are new or other than before; those that are new have no id */
    record Decided(DdiTarget target, List<DdiAction> actions) {}

    /** Brings the actions in line with what is assigned. */
    static Decided sync(Standing now) {
        List<DdiAction> open = new ArrayList<>();
        List<DdiAction> changed = new ArrayList<>();
        DdiTarget target = now.target();
        for (DdiAction action : now.open()) {
            DdiAction next = withdrawnIfUnwanted(action, now.wanted().get(action.component()));
            if (!next.equals(action)) {
                changed.add(next);
            }
            if (!next.state().ended()) {
                open.add(next);
            }
        }
        for (var entry : now.wanted().entrySet()) {
            String component = entry.getKey();
            Wanted wanted = entry.getValue();
            boolean isNew = !now.known().contains(wanted.attempt());
            boolean isThere = wanted.version().equals(target.software().get(component))
                    && open.stream().noneMatch(each -> each.component().equals(component));
            if (isNew && !isThere) {
                DdiAction action = DdiAction.open(
                        component,
                        wanted.version(),
                        wanted.attempt(),
                        target.software().get(component),
                        wanted.source());
                if (wanted.source() == null) {
                    String reason = "no artifact of " + component + "@" + wanted.version()
                            + " is known here, and an asset that polls keeps none";
                    action = action.as(State.FAILED).saying(List.of(reason));
                    target = target.update(component, update(action, Update.State.FAILED, null, reason));
                } else {
                    open.add(action);
                }
                changed.add(action);
            }
        }
        // One that waited for another to end may find itself there already.
        for (DdiAction action : List.copyOf(open)) {
            boolean isThere = action.version().equals(target.software().get(action.component()));
            boolean isAlone = open.stream()
                    .noneMatch(each -> each != action && each.component().equals(action.component()));
            if (action.state() == State.OPEN && !action.shown() && isThere && isAlone) {
                open.remove(action);
                changed.remove(action);
                changed.add(action.as(State.SUCCEEDED).saying(List.of("runs already")));
                target = target.update(action.component(), update(action, Update.State.SUCCEEDED, null, null));
            }
        }
        boolean isWorkedThrough = open.stream().allMatch(action -> action.shown() && action.state() == State.OPEN);
        return new Decided(isWorkedThrough && now.generation() > 0 ? target.at(now.generation()) : target, changed);
    }

    private static DdiAction withdrawnIfUnwanted(DdiAction action, @Nullable Wanted wanted) {
        boolean isWanted = wanted != null && wanted.attempt().equals(action.attempt());
        if (isWanted || action.state() != State.OPEN || action.kept()) {
            return action;
        }
        return action.as(action.shown() ? State.CANCELLING : State.CANCELLED).saying(List.of("withdrawn"));
    }

    /** What the asset does next: gives up, goes on with what it has begun, begins the oldest. */
    static Optional<DdiAction> next(List<DdiAction> open) {
        return open.stream()
                .min(Comparator.comparing((DdiAction action) -> action.state() != State.CANCELLING)
                        .thenComparing(action -> !action.shown())
                        .thenComparing(DdiAction::id));
    }

    /** The asset has read what it is to install. */
    static Decided shown(DdiTarget target, DdiAction action) {
        if (action.shown()) {
            return new Decided(target, List.of());
        }
        return new Decided(
                target.update(action.component(), update(action, Update.State.NOTIFIED, null, null)),
                List.of(action.asShown()));
    }

    /** Of an action that has not ended. */
    static Decided feedback(DdiTarget target, DdiAction action, Feedback said, Instant now) {
        return switch (said.execution()) {
            case CLOSED ->
                said.finished() == Finished.FAILURE ? failed(target, action, said) : closed(target, action, said, now);
            case CANCELED ->
                ended(
                        target,
                        action.as(State.CANCELLED).saying(said.details()),
                        Update.State.FAILED,
                        "cancelled by the asset" + words(said));
            case REJECTED -> new Decided(target, List.of(action.saying("warning", said.details())));
            case DOWNLOAD -> progress(target, action, said, "download", Update.State.DOWNLOADING, said.percent());
            case DOWNLOADED -> progress(target, action, said, "downloaded", Update.State.DOWNLOADING, 100);
            case PROCEEDING, RESUMED, SCHEDULED -> {
                boolean installed = said.details().stream().anyMatch(ALL_INSTALLED::equalsIgnoreCase);
                yield progress(
                        target,
                        action,
                        said,
                        "running",
                        installed ? Update.State.INSTALLED : Update.State.DOWNLOADING,
                        said.percent());
            }
        };
    }

    private static Decided failed(DdiTarget target, DdiAction action, Feedback said) {
        return ended(
                target,
                action.as(State.FAILED).saying(said.details()),
                Update.State.FAILED,
                said.details().isEmpty() ? "failed, and does not say why" : reason(said));
    }

    /** SWUpdate says it after its restart, others before theirs. */
    private static Decided closed(DdiTarget target, DdiAction action, Feedback said, Instant now) {
        DdiTarget after = target.client() == Client.SWUPDATE
                ? target.runs(action.component(), action.version())
                : target.claims(action.component(), new Claim(action.version(), now));
        return ended(after, action.as(State.SUCCEEDED).saying(said.details()), Update.State.SUCCEEDED, null);
    }

    private static Decided ended(DdiTarget target, DdiAction action, Update.State state, @Nullable String reason) {
        return new Decided(target.update(action.component(), update(action, state, null, reason)), List.of(action));
    }

    private static Decided progress(
            DdiTarget target,
            DdiAction action,
            Feedback said,
            String word,
            Update.State state,
            @Nullable Integer percent) {
        Update before = target.updates().get(action.component());
        boolean isBack = before != null
                && action.attempt().equals(before.attempt())
                && before.state().compareTo(state) > 0;
        DdiTarget after = isBack
                ? target
                : target.update(
                        action.component(),
                        update(action, state, state == Update.State.DOWNLOADING ? percent : null, null));
        return new Decided(after, List.of(action.saying(word, said.details())));
    }

    /** What the asset says of being asked to give up. */
    static Decided cancelFeedback(DdiTarget target, DdiAction action, Feedback said) {
        return switch (said.execution()) {
            case CLOSED ->
                said.finished() == Finished.FAILURE
                        ? failed(target, action, said)
                        : ended(
                                target,
                                action.as(State.CANCELLED).saying(said.details()),
                                Update.State.FAILED,
                                "withdrawn, and given up by the asset");
            case REJECTED -> new Decided(target, List.of(action.asKept().saying(said.details())));
            case CANCELED -> new Decided(target, List.of(action.saying("warning", said.details())));
            case PROCEEDING, RESUMED, SCHEDULED, DOWNLOAD, DOWNLOADED ->
                new Decided(target, List.of(action.saying(said.details())));
        };
    }

    /**
     * The asset was heard of after its claims, and names what it runs.
     *
     * @param told by component the version, as the asset says
     */
    static DdiTarget versions(DdiTarget before, Map<String, String> told, Instant now) {
        DdiTarget target = told.isEmpty() ? before : before.thatTellsVersions();
        for (var entry : told.entrySet()) {
            Claim claim = before.claims().get(entry.getKey());
            boolean isFromBefore = claim != null
                    && !claim.version().equals(entry.getValue())
                    && now.isBefore(claim.at().plus(RESTARTS_WITHIN));
            if (!isFromBefore) {
                target = target.runs(entry.getKey(), entry.getValue());
            }
        }
        // Of those that it never names there will be no better evidence than that it was seen again.
        for (var entry : before.claims().entrySet()) {
            if (!told.containsKey(entry.getKey())) {
                target = target.runs(entry.getKey(), entry.getValue().version());
            }
        }
        return target.asked(!target.claims().isEmpty());
    }

    private static Update update(
            DdiAction action, Update.State state, @Nullable Integer percent, @Nullable String reason) {
        return new Update(action.version(), state, percent, reason, action.previous(), action.attempt());
    }

    private static String words(Feedback said) {
        return said.details().isEmpty() ? "" : ": " + reason(said);
    }

    private static String reason(Feedback said) {
        String all = String.join("; ", said.details());
        return all.length() <= MAX_REASON ? all : all.substring(0, MAX_REASON);
    }

    /** Whether a feedback says again what ended the action: the client did not get its answer. */
    static boolean repeats(DdiAction ended, Feedback said) {
        return switch (said.execution()) {
            case CLOSED ->
                ended.state() == (said.finished() == Finished.FAILURE ? State.FAILED : State.SUCCEEDED)
                        || ended.state() == State.CANCELLED;
            case CANCELED -> ended.state() == State.CANCELLED;
            case PROCEEDING, RESUMED, SCHEDULED, REJECTED, DOWNLOAD, DOWNLOADED -> false;
        };
    }

    static boolean isFinal(Execution execution) {
        return execution == Execution.CLOSED || execution == Execution.CANCELED;
    }

    static Optional<DdiAction> find(List<DdiAction> actions, int id) {
        return actions.stream().filter(action -> action.id() == id).findFirst();
    }

    static boolean differs(DdiTarget before, DdiTarget after) {
        return !Objects.equals(before.generation(), after.generation())
                || !before.software().equals(after.software())
                || !before.updates().equals(after.updates());
    }
}
