package dev.muster.simulator.device;

import static dev.muster.protocol.Uplink.CommandResult.Status.ACCEPTED;
import static dev.muster.protocol.Uplink.CommandResult.Status.EXPIRED;
import static dev.muster.protocol.Uplink.CommandResult.Status.INDETERMINATE;
import static dev.muster.protocol.Uplink.CommandResult.Status.REJECTED;
import static dev.muster.protocol.Uplink.CommandResult.Status.RUNNING;
import static dev.muster.protocol.Uplink.CommandResult.Status.SUCCEEDED;
import static dev.muster.protocol.Uplink.Update.State.DOWNLOADING;
import static dev.muster.protocol.Uplink.Update.State.FAILED;
import static dev.muster.protocol.Uplink.Update.State.INSTALLED;
import static dev.muster.protocol.Uplink.Update.State.NOTIFIED;
import static dev.muster.protocol.Uplink.Update.State.REBOOTING;
import static dev.muster.protocol.Uplink.Update.State.ROLLED_BACK;
import static dev.muster.protocol.Uplink.Update.State.VERIFYING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update;
import dev.muster.simulator.device.Desired.Target;
import dev.muster.simulator.device.DeviceState.Difference;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SimulatedDeviceTest {
    private static final Behaviour HONEST = Behaviour.honest();
    private static final Map<String, Object> CONFIG =
            Map.of("reporting", Map.of("telemetrySeconds", 10L), "ntp", Map.of("enabled", true));
    private static final Map<String, Object> OTHER =
            Map.of("reporting", Map.of("telemetrySeconds", 20L), "ntp", Map.of("enabled", true));

    @Test
    void saysWhatItRunsAfterEachConnect() {
        Life life = new Life("pump-7", "pos", HONEST);
        life.cut();
        life.connect();
        assertThat(life.reports()).hasSize(2).allSatisfy(report -> {
            assertThat(report.generation()).isNull();
            assertThat(report.software()).containsOnlyKeys("app", "os");
            assertThat(report.bootId()).isEqualTo("b-1");
        });
    }

    @Test
    void appliesAConfigurationAfterAWhileAndReportsItWithItsGeneration() {
        Life life = new Life("pump-7", "pos", HONEST).desired(7, CONFIG, Map.of());
        assertThat(life.device.state().pendingGeneration()).isEqualTo(7);
        assertThat(life.device.state().settled()).isFalse();
        life.settle();
        assertThat(life.now).isBetween(Life.START + 500, Life.START + 5_000);
        assertThat(life.lastReport().generation()).isEqualTo(7);
        assertThat(life.lastReport().config()).isEqualTo(CONFIG);
        assertThat(life.device.state().settled()).isTrue();
    }

    @Test
    void doesNotWorkThroughTheSameGenerationTwice() {
        Life life =
                new Life("pump-7", "pos", HONEST).desired(7, CONFIG, Map.of()).settle();
        int reports = life.reports().size();
        life.desired(7, CONFIG, Map.of()).settle();
        assertThat(life.reports()).hasSize(reports);
    }

    @Test
    void reportsALongTextByItsHash() {
        Life life = new Life("pump-7", "pos", HONEST)
                .desired(1, Map.of("motd", "x".repeat(257), "short", "x".repeat(256)), Map.of())
                .settle();
        // printf 'x%.0s' $(seq 257) | sha256sum
        String hash = "15eb95a462ee20bd91a415ae2d4aed341288186ddaa2b37908f7d592f0c3f85f";
        assertThat(life.lastReport().config()).isEqualTo(Map.of("motd", "sha256:" + hash, "short", "x".repeat(256)));
    }

    @Test
    void staysAtItsLastGoodConfigurationWhenItRejectsOne() {
        Behaviour rejecting = HONEST.withReject(Share.percent(50));
        Draw draw = new Draw(7, "pump-7");
        long good = firstGeneration(draw, false);
        long bad = firstGeneration(draw, true);
        Life life = new Life("pump-7", "pos", rejecting)
                .desired(good, CONFIG, Map.of())
                .settle()
                .desired(bad, OTHER, Map.of("app", Target.of("1.5.0")))
                .settle();
        StateReport report = life.lastReport();
        assertThat(report.generation()).isEqualTo(good);
        assertThat(report.config()).isEqualTo(CONFIG);
        assertThat(Objects.requireNonNull(report.rejected()).generation()).isEqualTo(bad);
        assertThat(report.updates()).as("nothing of it is kept").isEmpty();
    }

    @Test
    void rejectsAConfigurationWithAValueThatItDoesNotBearInEveryGeneration() {
        Behaviour picky = HONEST.withBadValue(BadValue.parse("/receipt/copies=1: 100%"));
        Life life = new Life("pump-7", "pos", picky)
                .desired(1, Map.of("receipt", Map.of("copies", 2)), Map.of())
                .settle()
                .desired(2, Map.of("receipt", Map.of("copies", 1)), Map.of())
                .settle()
                .desired(3, Map.of("receipt", Map.of("copies", 1)), Map.of())
                .settle();
        assertThat(life.lastReport().generation()).isEqualTo(1);
        assertThat(life.lastReport().rejected())
                .isEqualTo(new StateReport.Rejected(3, "/receipt/copies must not be 1"));
        life.desired(4, Map.of("receipt", Map.of("copies", 2)), Map.of()).settle();
        assertThat(life.lastReport().generation()).isEqualTo(4);
        assertThat(life.lastReport().rejected()).isNull();
    }

    private static long firstGeneration(Draw draw, boolean rejected) {
        long generation = 1;
        while (draw.falls(Share.percent(50), "reject", generation) != rejected) {
            generation++;
        }
        return generation;
    }

    @Test
    void driftsInOneFieldAndTakesTheDesiredValueBackWhenItComesAgain() {
        Life life = new Life("pump-7", "pos", HONEST.withDrift(Share.ALL, Share.NONE))
                .desired(1, CONFIG, Map.of())
                .settle();
        assertThat(life.reports())
                .extracting(StateReport::config)
                .as("first what was asked for, then what somebody made of it")
                .containsSubsequence(CONFIG, life.device.state().config());
        assertThat(life.device.state().drift()).hasSize(1);
        assertThat(Objects.requireNonNull(life.device.state().reported()).drifted())
                .containsExactlyElementsOf(life.device.state().drift().keySet());

        life.desired(2, CONFIG, Map.of()).settle();
        assertThat(life.lastReport().config()).isEqualTo(CONFIG);
        assertThat(life.device.state().drift()).isEmpty();

        life.desired(3, OTHER, Map.of()).settle();
        assertThat(life.device.state().drift())
                .as("another configuration, another drift")
                .hasSize(1);
    }

    @Test
    void keepsItsLocalChangeWhenItIsStubborn() {
        Life life = new Life("pump-7", "pos", HONEST.withDrift(Share.ALL, Share.ALL))
                .desired(1, CONFIG, Map.of())
                .settle();
        Map<String, Difference> drift = life.device.state().drift();
        life.desired(2, CONFIG, Map.of()).settle();
        assertThat(life.lastReport().generation()).isEqualTo(2);
        assertThat(life.device.state().drift()).isEqualTo(drift).isNotEmpty();
    }

    @Test
    void reportsWhatSomebodyChangedByHand() {
        Life life =
                new Life("pump-7", "pos", HONEST).desired(1, CONFIG, Map.of()).settle();
        life.take(life.device.drift("/reporting/telemetrySeconds", 99L, life.now));
        assertThat(life.lastReport().config())
                .isEqualTo(Map.of("reporting", Map.of("telemetrySeconds", 99L), "ntp", Map.of("enabled", true)));
        assertThat(life.device.state().drift())
                .isEqualTo(Map.of("/reporting/telemetrySeconds", new Difference(10L, 99L)));
    }

    @Test
    void runsACommandOnceAndAnswersARepetitionWithItsResult() {
        Life life = new Life("pump-7", "pos", HONEST).command("c1", "print-test", Map.of());
        life.command("c1", "print-test", Map.of()).settle();
        assertThat(life.statuses("c1")).containsExactly(ACCEPTED, RUNNING, SUCCEEDED);
        life.command("c1", "print-test", Map.of()).settle();
        assertThat(life.statuses("c1")).containsExactly(ACCEPTED, RUNNING, SUCCEEDED, SUCCEEDED);
    }

    @Test
    void comesBackFromARebootWithAnotherBootId() {
        Life life = new Life("pump-7", "pos", HONEST)
                .command("c1", "reboot", Map.of())
                .settle();
        assertThat(life.restarts).isEqualTo(1);
        assertThat(life.statuses("c1")).containsExactly(ACCEPTED, RUNNING, SUCCEEDED);
        assertThat(life.reports()).extracting(StateReport::bootId).containsExactly("b-1", "b-2");
    }

    @Test
    void doesNotKnowHowACommandEndedThatARestartInterrupted() {
        Life life = new Life(
                        "pump-7",
                        "pos",
                        HONEST.withPace(new Pace(
                                new Span(10, 10),
                                new Span(60_000, 60_000),
                                new Span(1, 1),
                                new Span(1, 1),
                                new Span(1, 1),
                                new Span(1_000, 1_000),
                                new Span(1, 1),
                                new Span(1, 1),
                                new Span(1, 1))))
                .command("long", "sync-prices", Map.of());
        life.until(life.now + 1_000).command("c2", "reboot", Map.of()).settle();
        assertThat(life.statuses("long")).containsExactly(ACCEPTED, RUNNING, INDETERMINATE);
        assertThat(life.statuses("c2")).endsWith(SUCCEEDED);
    }

    @Test
    void aWipedAssetHasNothingLeftAndNeverComesBack() {
        Life life = new Life("pump-7", "sensor", HONEST)
                .desired(1, Map.of("reporting", Map.of("intervalSeconds", 60L)), Map.of())
                .settle()
                .command("c1", "wipe", Map.of())
                .settle();
        assertThat(life.statuses("c1")).containsExactly(ACCEPTED, RUNNING, SUCCEEDED);
        assertThat(life.wipes).isEqualTo(1);
        DeviceState left = life.device.state();
        assertThat(left.power()).isEqualTo(Power.WIPED);
        assertThat(left.generation()).isNull();
        assertThat(left.config()).isEmpty();
        assertThat(left.software()).isEmpty();
        int said = life.said.size();
        life.desired(2, Map.of("reporting", Map.of("intervalSeconds", 5L)), Map.of())
                .settle();
        assertThat(life.said).hasSize(said);
        Life again = new Life("pump-7", "sensor", HONEST, "rev-a", left).settle();
        assertThat(again.device.power()).isEqualTo(Power.WIPED);
        assertThat(again.said).isEmpty();
    }

    @Test
    void refusesWhatItDoesNotKnowOrCannotDo() {
        Life life = new Life("pump-7", "pos", HONEST)
                .command("c1", "fly", Map.of())
                .command("c2", "show-message", Map.of());
        life.take(life.device.command(new Command("c3", "print-test", Map.of(), life.now - 1), life.now));
        life.settle();
        assertThat(life.statuses("c1")).containsExactly(REJECTED);
        assertThat(life.statuses("c2")).containsExactly(REJECTED);
        assertThat(life.statuses("c3")).containsExactly(EXPIRED);
    }

    @Test
    void aFullDiskIsFreedByTheProgramThatItsOwnerAllowsAndByNoOther() {
        Life life = new Life("pi-1", "linux-device", HONEST);
        life.device.fill(life.now);
        life.command("c1", "run", Map.of("name", "anything")).settle();
        assertThat(life.statuses("c1")).containsExactly(REJECTED);
        assertThat(life.device.isDiskFull()).isTrue();
        life.command("c2", "run", Map.of("name", "free-space")).settle();
        assertThat(life.statuses("c2")).containsExactly(ACCEPTED, RUNNING, SUCCEEDED);
        assertThat(life.device.isDiskFull()).isFalse();
    }

    @Test
    void aWrongClockIsSetWhenItsTimeServiceIsRestartedAndNoOther() {
        Life life = new Life("pi-1", "linux-device", HONEST);
        life.take(life.device.skew(3_600_000, life.now));
        life.command("c1", "restart-service", Map.of("service", "sshd")).settle();
        assertThat(life.device.skewMillis()).isEqualTo(3_600_000);
        assertThat(life.lastReport().ts()).isGreaterThan(life.now + 3_000_000);
        life.command("c2", "restart-service", Map.of("service", "systemd-timesyncd"))
                .settle();
        assertThat(life.statuses("c2")).containsExactly(ACCEPTED, RUNNING, SUCCEEDED);
        assertThat(life.device.skewMillis()).isZero();
        assertThat(life.lastReport().ts()).isLessThanOrEqualTo(life.now);
    }

    @Test
    void aRestartPutsTheDesiredConfigurationIntoEffectAgainUnlessItIsStubborn() {
        for (Share stubborn : List.of(Share.NONE, Share.ALL)) {
            Life life = new Life("pi-1", "linux-device", HONEST.withDrift(Share.NONE, stubborn))
                    .desired(1, CONFIG, Map.of())
                    .settle();
            life.take(life.device.drift("/reporting/telemetrySeconds", 99L, life.now));
            life.command("c1", "reboot", Map.of()).settle();
            assertThat(life.lastReport().bootId()).isEqualTo("b-2");
            assertThat(life.device.state().drift().isEmpty()).isEqualTo(stubborn == Share.NONE);
            assertThat(life.lastReport().config().equals(CONFIG)).isEqualTo(stubborn == Share.NONE);
        }
    }

    @Test
    void aCrashingReleaseIsVerifiedAndThenItsApplicationEnds() {
        Life life =
                new Life("pi-1", "linux-device", HONEST.withFaults(List.of(Fault.parse("app@1.6.0: crashing=100%"))));
        life.desired(1, Map.of(), Map.of("app", Target.of("1.6.0"))).settle();
        assertThat(life.updateStates("app")).endsWith(VERIFYING, Update.State.SUCCEEDED);
        assertThat(life.said.stream()
                        .filter(Uplink.Events.class::isInstance)
                        .map(Uplink.Events.class::cast)
                        .flatMap(events -> events.events().stream())
                        .map(event -> event.type() + " " + event.data()))
                .containsExactly("app.ended {component=app}");
    }

    @Test
    void takesSixteenCommandsAtATimeAndRemembersSixtyFour() {
        Life life = new Life("pump-7", "pos", HONEST);
        for (int i = 0; i < CommandDesk.MAX_ACTIVE + 1; i++) {
            life.command("c" + i, "print-test", Map.of());
        }
        assertThat(life.statuses("c16")).containsExactly(REJECTED);
        for (int i = 0; i < 2 * CommandDesk.MAX_REMEMBERED; i++) {
            life.settle().command("d" + i, "print-test", Map.of());
        }
        assertThat(life.settle().device.state().commands()).hasSize(CommandDesk.MAX_REMEMBERED);
    }

    @Test
    void bringsSoftwareToAVersionInTheOrderOfTheProtocol() {
        Life life = new Life("pump-7", "pos", HONEST);
        String before = Objects.requireNonNull(life.device.state().software().get("app"));
        life.desired(1, Map.of(), Map.of("app", new Target("1.5.0", "r-1.1", null, null, null)))
                .settle();
        assertThat(life.updateStates("app"))
                .containsExactly(NOTIFIED, DOWNLOADING, INSTALLED, REBOOTING, VERIFYING, Update.State.SUCCEEDED);
        assertThat(life.lastReport().updates())
                .isEqualTo(Map.of("app", new Update("1.5.0", Update.State.SUCCEEDED, null, null, before, "r-1.1")));
        assertThat(life.lastReport().software()).containsEntry("app", "1.5.0").containsKey("os");
        assertThat(life.lastReport().bootId()).isEqualTo("b-2");
        assertThat(life.reports())
                .filteredOn(report -> report.updates().containsKey("app")
                        && Objects.requireNonNull(report.updates().get("app")).state() == REBOOTING)
                .allSatisfy(report -> assertThat(report.software()).containsEntry("app", before));
    }

    @Test
    void changesOneComponentAfterTheOther() {
        Life life = new Life("pump-7", "pos", HONEST)
                .desired(1, Map.of(), Map.of("app", Target.of("1.5.0"), "os", Target.of("4.0.0")))
                .settle();
        assertThat(life.lastReport().software()).isEqualTo(Map.of("app", "1.5.0", "os", "4.0.0"));
        assertThat(life.restarts).isEqualTo(2);
    }

    @Test
    void goesBackToThePreviousVersionWhenTheNewOneCrashes() {
        Life life = new Life("pump-7", "pos", faulty(FaultKind.FAILING));
        Map<String, String> before = life.device.state().software();
        life.desired(1, Map.of(), Map.of("app", Target.of("1.5.0"))).settle();
        assertThat(life.updateStates("app")).endsWith(REBOOTING, VERIFYING, ROLLED_BACK);
        assertThat(life.lastReport().software()).isEqualTo(before);
        assertThat(Objects.requireNonNull(life.lastReport().updates().get("app"))
                        .reason())
                .isEqualTo("app 1.5.0 crashed three times at start");
        assertThat(life.device.state().faults()).isEqualTo(Map.of("app@1.5.0", FaultKind.FAILING));
    }

    @Test
    void triesAgainOnlyWhenItIsAnotherAttempt() {
        Life life = new Life("pump-7", "pos", faulty(FaultKind.FAILING));
        Map<String, Target> first = Map.of("app", new Target("1.5.0", "r-1.1", null, null, null));
        life.desired(1, Map.of(), first).settle();
        life.desired(2, CONFIG, first).settle();
        assertThat(life.restarts).isEqualTo(2);
        life.desired(3, CONFIG, Map.of("app", new Target("1.5.0", "r-1.2", null, null, null)))
                .settle();
        assertThat(life.restarts).isEqualTo(4);
        assertThat(Objects.requireNonNull(life.lastReport().updates().get("app"))
                        .attempt())
                .isEqualTo("r-1.2");
    }

    @Test
    void saysThatAnOrderToGoWhereItIsAlreadyIsDone() {
        Life life = new Life("pump-7", "pos", faulty(FaultKind.FAILING));
        String before = Objects.requireNonNull(life.device.state().software().get("app"));
        life.desired(1, Map.of(), Map.of("app", new Target("1.5.0", "r-1.1", null, null, null)))
                .settle();
        int restarts = life.restarts;
        life.desired(2, Map.of(), Map.of("app", new Target(before, "r-1.2", null, null, null)))
                .settle();
        assertThat(life.lastReport().updates().get("app"))
                .isEqualTo(new Update(before, Update.State.SUCCEEDED, null, null, null, "r-1.2"));
        assertThat(life.restarts).isEqualTo(restarts);
    }

    @Test
    void neverComesBackWhenTheReleaseBricksIt() {
        Life life = new Life("pump-7", "pos", faulty(FaultKind.BRICKING));
        life.desired(1, Map.of(), Map.of("app", Target.of("1.5.0"))).settle();
        assertThat(life.updateStates("app")).endsWith(REBOOTING);
        assertThat(life.reachable).isFalse();
        life.take(life.device.comeBack(life.now));
        assertThat(life.device.power()).isEqualTo(Power.BRICKED);
        assertThat(new Life("pump-7", "pos", HONEST, "rev-a", life.device.state()).device.isOn())
                .as("after a restart of the simulator")
                .isFalse();
    }

    @Test
    void runsWhatItRanWhenSomebodyWritesTheRecoveryImage() {
        Life life = new Life("pump-7", "pos", faulty(FaultKind.BRICKING));
        Map<String, String> before = life.device.state().software();
        life.desired(1, Map.of(), Map.of("app", Target.of("1.5.0"))).settle();
        life.take(life.device.reflash(life.now));
        life.settle();
        assertThat(life.device.power()).isEqualTo(Power.ON);
        assertThat(life.updateStates("app")).endsWith(REBOOTING, ROLLED_BACK);
        assertThat(life.lastReport().software()).isEqualTo(before);

        int restarts = life.restarts;
        life.take(life.device.reflash(life.now));
        assertThat(life.restarts).as("one that is up is left alone").isEqualTo(restarts);
    }

    @Test
    void goesBackByItsBootCounterWhenItDoesNotComeUp() {
        Life life = new Life("pump-7", "pos", faulty(FaultKind.HANGING));
        Map<String, String> before = life.device.state().software();
        life.desired(1, Map.of(), Map.of("app", Target.of("1.5.0"))).settle();
        assertThat(life.updateStates("app")).endsWith(INSTALLED, REBOOTING, ROLLED_BACK);
        assertThat(life.restarts).isEqualTo(1);
        assertThat(life.lastReport().software()).isEqualTo(before);
        assertThat(Objects.requireNonNull(life.lastReport().updates().get("app"))
                        .reason())
                .isEqualTo("app 1.5.0 did not come up in three starts, the boot counter took the previous version");
    }

    @Test
    void saysNothingMoreWhenTheReleaseSilencesIt() {
        Life life = new Life("pump-7", "pos", faulty(FaultKind.SILENT))
                .desired(1, CONFIG, Map.of("app", Target.of("1.5.0")))
                .settle();
        assertThat(life.reports()).hasSize(1);
        assertThat(life.reachable).isTrue();
        life.desired(2, CONFIG, Map.of()).settle();
        assertThat(Objects.requireNonNull(life.lastReport().updates().get("app"))
                        .state())
                .as("it speaks again when the release is withdrawn")
                .isEqualTo(FAILED);
    }

    @Test
    void takesLongWithASlowRelease() {
        Life quick = new Life("pump-7", "pos", HONEST);
        Life slow = new Life("pump-7", "pos", faulty(FaultKind.SLOW));
        for (Life life : List.of(quick, slow)) {
            life.desired(1, Map.of(), Map.of("app", Target.of("1.5.0"))).settle();
        }
        assertThat(slow.updateStates("app")).isEqualTo(quick.updateStates("app"));
        assertThat(slow.now - Life.START).isGreaterThan(5 * (quick.now - Life.START));
    }

    @Test
    void claimsASuccessWhileTheOldVersionRunsWhenTheReleaseLies() {
        Life life = new Life("pump-7", "pos", faulty(FaultKind.LYING));
        Map<String, String> before = life.device.state().software();
        life.desired(1, Map.of(), Map.of("app", Target.of("1.5.0"))).settle();
        assertThat(Objects.requireNonNull(life.lastReport().updates().get("app"))
                        .state())
                .isEqualTo(Update.State.SUCCEEDED);
        assertThat(life.lastReport().software()).isEqualTo(before);
    }

    @Test
    void fetchesTheArtifactWhenItIsOneOfThoseThatDo() {
        Behaviour fetching = HONEST.withDownload(Share.ALL);
        Target target = new Target("1.5.0", null, "https://muster.example/artifacts/sha256/9f86", "9f86", 3L);
        Life good = new Life("pump-7", "pos", fetching).desired(1, Map.of(), Map.of("app", target));
        good.settle();
        assertThat(good.downloads).containsExactly(new Effect.Download("app", "1.5.0", target));
        good.take(good.device.downloaded("app", "1.5.0", null, good.now));
        assertThat(good.settle().lastReport().software()).containsEntry("app", "1.5.0");

        Life bad = new Life("pump-7", "pos", fetching)
                .desired(1, Map.of(), Map.of("app", target))
                .settle();
        bad.take(bad.device.downloaded("app", "1.5.0", "the download answered 404", bad.now));
        assertThat(bad.lastReport().updates())
                .isEqualTo(Map.of(
                        "app",
                        new Update(
                                "1.5.0",
                                FAILED,
                                null,
                                "the download answered 404",
                                bad.device.state().software().get("app"),
                                null)));
    }

    @Test
    void goesAwayOnceItHasReportedAndStaysAway() {
        Life life = new Life("pump-7", "pos", HONEST.withOffline(Share.ALL))
                .desired(1, CONFIG, Map.of())
                .settle();
        assertThat(life.lastReport().generation()).isEqualTo(1);
        assertThat(life.device.power()).isEqualTo(Power.AWAY);
        assertThat(life.device.state().settled()).isTrue();
        life.until(life.now + 86_400_000);
        assertThat(life.reachable).isFalse();
        life.take(life.device.comeBack(life.now));
        assertThat(life.settle().reachable).as("it leaves once").isTrue();
    }

    @Test
    void halfOfThoseThatAreAwayDriftWithoutAWord() {
        int drifted = 0;
        for (int i = 0; i < 400; i++) {
            Life life = new Life("pump-" + i, "pos", HONEST.withOffline(Share.ALL))
                    .desired(1, CONFIG, Map.of())
                    .settle();
            assertThat(life.lastReport().config()).isEqualTo(CONFIG);
            drifted += life.device.state().drift().size();
        }
        assertThat(drifted).isBetween(150, 250);
    }

    @Test
    void hasAClockThatIsWrongByMinutesToDays() {
        for (int i = 0; i < 200; i++) {
            Life life = new Life("pump-" + i, "pos", HONEST.withSkew(Share.ALL));
            long skew = life.device.skewMillis();
            assertThat(Math.abs(skew)).isBetween(120_000L, 3 * 86_400_000L);
            assertThat(life.lastReport().ts()).isEqualTo(life.now + skew);
        }
    }

    @Test
    void saysLateWhatWasSoBefore() {
        Life life = new Life("pump-7", "pos", HONEST.withLateReports(Share.ALL));
        assertThat(life.reports()).isEmpty();
        life.desired(1, CONFIG, Map.of()).settle();
        assertThat(life.reports()).extracting(StateReport::generation).containsExactly(null, 1L);
        long happened = Objects.requireNonNull(life.lastReport().ts());
        assertThat(life.now - happened).isBetween(30_000L, 300_000L);
        assertThat(Objects.requireNonNull(life.device.state().reported()).at()).isEqualTo(happened);
    }

    @Test
    void keepsWhatItRunsOverARestartOfTheSimulator() {
        Life life = new Life("pump-7", "pos", HONEST)
                .desired(1, CONFIG, Map.of("app", Target.of("1.5.0")))
                .settle()
                .command("c1", "print-test", Map.of())
                .settle();
        Life again = new Life("pump-7", "pos", HONEST, "rev-a", life.device.state());
        assertThat(again.lastReport().generation()).isEqualTo(1);
        assertThat(again.lastReport().config()).isEqualTo(CONFIG);
        assertThat(again.lastReport().software()).containsEntry("app", "1.5.0");
        assertThat(again.lastReport().bootId()).isEqualTo("b-3");
        again.command("c1", "print-test", Map.of()).settle();
        assertThat(again.statuses("c1")).containsExactly(SUCCEEDED);
    }

    private static Behaviour faulty(FaultKind kind) {
        return HONEST.withFaults(List.of(new Fault("app", "1.5.0", null, Map.of(kind, Share.ALL))));
    }
}
