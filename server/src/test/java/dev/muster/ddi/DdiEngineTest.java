package dev.muster.ddi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.ddi.DdiAction.Source;
import dev.muster.ddi.DdiAction.State;
import dev.muster.ddi.DdiEngine.Decided;
import dev.muster.ddi.DdiEngine.Standing;
import dev.muster.ddi.DdiEngine.Wanted;
import dev.muster.ddi.DdiTarget.Claim;
import dev.muster.gateway.port.Deployments.Client;
import dev.muster.gateway.port.Deployments.Execution;
import dev.muster.gateway.port.Deployments.Feedback;
import dev.muster.gateway.port.Deployments.Finished;
import dev.muster.protocol.Uplink.Update;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DdiEngineTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    private static final Source SOURCE = new Source("app/2.0/app.swu", "ab", 7);
    private static final DdiTarget RUNS_ONE =
            DdiTarget.fresh(Client.SWUPDATE).runs("app", "1.0").at(3L);
    private static final DdiAction READ =
            stored(DdiAction.open("app", "2.0", "r.1", "1.0", SOURCE)).asShown();

    private static DdiAction stored(DdiAction action) {
        return new DdiAction(
                7,
                action.component(),
                action.version(),
                action.attempt(),
                action.previous(),
                action.source(),
                action.state(),
                false,
                false,
                false,
                action.status(),
                action.messages());
    }

    private static Standing standing(DdiTarget target, List<DdiAction> open, Wanted wanted) {
        Set<String> known = open.isEmpty() ? Set.of() : Set.of("r.1");
        return new Standing(target, open, Map.of("app", wanted), known, 4);
    }

    private static Feedback said(Execution execution, Finished finished, String... details) {
        return new Feedback(execution, finished, null, List.of(details));
    }

    @Test
    void anOrderBecomesAnActionAndTheDesiredStateIsNotWorkedThroughBeforeTheAssetHasReadIt() {
        Decided decided = DdiEngine.sync(standing(RUNS_ONE, List.of(), new Wanted("2.0", "r.1", SOURCE)));
        assertThat(decided.actions()).containsExactly(DdiAction.open("app", "2.0", "r.1", "1.0", SOURCE));
        assertThat(decided.target().generation()).isEqualTo(3);

        Decided read = DdiEngine.sync(standing(RUNS_ONE, List.of(READ), new Wanted("2.0", "r.1", SOURCE)));
        assertThat(read.actions()).isEmpty();
        assertThat(read.target().generation()).isEqualTo(4);
    }

    @Test
    void whatRunsAlreadyNeedsNoAction() {
        Decided decided = DdiEngine.sync(standing(RUNS_ONE, List.of(), new Wanted("1.0", "r.1", SOURCE)));
        assertThat(decided).isEqualTo(new Decided(RUNS_ONE.at(4L), List.of()));
    }

    @Test
    void aVersionThatComesFromNowhereFailsAndSaysSo() {
        Decided decided = DdiEngine.sync(standing(RUNS_ONE, List.of(), new Wanted("0.9", "r.1", null)));
        assertThat(decided.actions().getFirst().state()).isEqualTo(State.FAILED);
        assertThat(decided.target().updates().get("app"))
                .isEqualTo(new Update(
                        "0.9",
                        Update.State.FAILED,
                        null,
                        "no artifact of app@0.9 is known here, and an asset that polls keeps none",
                        "1.0",
                        "r.1"));
    }

    @Test
    void aWithdrawnActionIsCancelledAtOnceUnlessTheAssetHasReadIt() {
        Standing nothingWanted = new Standing(RUNS_ONE, List.of(READ), Map.of(), Set.of(), 5);
        DdiAction cancelling = DdiEngine.sync(nothingWanted).actions().getFirst();
        assertThat(cancelling.state()).isEqualTo(State.CANCELLING);
        assertThat(DdiEngine.sync(nothingWanted).target().generation())
                .as("the asset may still install it")
                .isEqualTo(3);

        DdiAction unread = stored(DdiAction.open("app", "2.0", "r.1", "1.0", SOURCE));
        Decided decided = DdiEngine.sync(new Standing(RUNS_ONE, List.of(unread), Map.of(), Set.of(), 5));
        assertThat(decided.actions().getFirst().state()).isEqualTo(State.CANCELLED);
        assertThat(decided.target().generation()).isEqualTo(5);
    }

    @Test
    void anAssetThatRefusesToGiveUpGoesOnToItsOwnEnd() {
        DdiAction cancelling = READ.as(State.CANCELLING);
        Decided rejected =
                DdiEngine.cancelFeedback(RUNS_ONE, cancelling, said(Execution.REJECTED, Finished.SUCCESS, "too late"));
        DdiAction kept = rejected.actions().getFirst();
        assertThat(kept.state()).isEqualTo(State.OPEN);

        Decided synced = DdiEngine.sync(new Standing(RUNS_ONE, List.of(kept), Map.of(), Set.of(), 5));
        assertThat(synced.actions()).as("it is not asked again").isEmpty();
        Decided done = DdiEngine.feedback(RUNS_ONE, kept, said(Execution.CLOSED, Finished.SUCCESS), NOW);
        assertThat(done.target().software()).isEqualTo(Map.of("app", "2.0"));
    }

    @Test
    void progressNeverGoesBack() {
        DdiTarget installed = DdiEngine.feedback(
                        RUNS_ONE, READ, said(Execution.PROCEEDING, Finished.NONE, "All Chunks Installed."), NOW)
                .target();
        assertThat(installed.updates().get("app"))
                .isEqualTo(new Update("2.0", Update.State.INSTALLED, null, null, "1.0", "r.1"));
        assertThat(DdiEngine.feedback(installed, READ, said(Execution.DOWNLOAD, Finished.NONE), NOW)
                        .target())
                .isEqualTo(installed);
    }

    @Test
    void aSuccessBeforeTheRestartIsAClaim() {
        DdiTarget rauc = RUNS_ONE.of(Client.RAUC);
        DdiTarget claimed = DdiEngine.feedback(rauc, READ, said(Execution.CLOSED, Finished.SUCCESS), NOW)
                .target();
        assertThat(claimed.software()).isEmpty();
        assertThat(claimed.claims()).isEqualTo(Map.of("app", new Claim("2.0", NOW)));
        assertThat(claimed.wantsAttributes()).isTrue();

        Instant soon = NOW.plusSeconds(60);
        Instant later = NOW.plus(DdiEngine.RESTARTS_WITHIN);
        assertThat(DdiEngine.versions(claimed, Map.of("app", "1.0"), soon).software())
                .as("from before the restart")
                .isEmpty();
        assertThat(DdiEngine.versions(claimed, Map.of("app", "1.0"), later).software())
                .as("it did not arrive")
                .isEqualTo(Map.of("app", "1.0"));
        assertThat(DdiEngine.versions(claimed, Map.of("app", "2.0"), soon).software())
                .isEqualTo(Map.of("app", "2.0"));
        assertThat(DdiEngine.versions(claimed, Map.of(), soon).software())
                .as("it names no versions, and was seen again")
                .isEqualTo(Map.of("app", "2.0"));
    }
}
