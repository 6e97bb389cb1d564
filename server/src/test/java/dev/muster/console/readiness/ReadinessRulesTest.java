package dev.muster.console.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backup.BackupRun;
import dev.muster.console.readiness.Check.State;
import dev.muster.console.readiness.Figures.Alerting;
import dev.muster.console.readiness.Figures.Assets;
import dev.muster.console.readiness.Figures.Conduct;
import dev.muster.console.readiness.Figures.Drift;
import dev.muster.console.readiness.Figures.Exposure;
import dev.muster.console.readiness.Figures.FirstRunToken;
import dev.muster.console.readiness.Figures.RoleExpiry;
import dev.muster.console.readiness.Figures.Signing;
import dev.muster.console.readiness.Figures.Some;
import dev.muster.console.readiness.Figures.Tokens;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadinessRulesTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    private static final Some NONE = new Some(0, List.of());
    private static final Assets EMPTY = new Assets(0, NONE, NONE, NONE, NONE, 0, 0, NONE);
    private static final Assets WELL = new Assets(100, NONE, NONE, NONE, NONE, 100, 100, NONE);

    @Test
    void nothingToLookAtIsUnknownAndNeverOk() {
        assertThat(List.of(
                        ReadinessRules.owners(EMPTY),
                        ReadinessRules.identities(EMPTY),
                        ReadinessRules.telemetry(EMPTY),
                        ReadinessRules.releases(new Signing(0, List.of(), null, false), NOW),
                        ReadinessRules.rollouts(List.of()),
                        ReadinessRules.drift(new Drift(7, 0, 0, 7, null)),
                        ReadinessRules.backup(Optional.empty(), NOW)))
                .allSatisfy(check -> {
                    assertThat(check.state()).as(check.name()).isEqualTo(State.UNKNOWN);
                    assertThat(check.todo()).as(check.name()).isNotEmpty();
                });
    }

    @Test
    void whoIsToldIsKnownOnlyOnceSomebodyWas() {
        assertThat(List.of(
                        new Alerting(0, 2, 9, 0),
                        new Alerting(5, 0, 0, 0),
                        new Alerting(5, 2, 0, 0),
                        new Alerting(5, 2, 9, 1),
                        new Alerting(5, 2, 9, 0)))
                .extracting(alerting -> ReadinessRules.alerts(alerting).state())
                .containsExactly(State.FAIL, State.FAIL, State.WARN, State.WARN, State.OK);
        assertThat(ReadinessRules.alerts(new Alerting(5, 2, 9, 1)).found())
                .isEqualTo("alert rules: 5, receivers: 2; notifications of the last 30 days: 9 delivered, 1 lost");
    }

    @Test
    void aBackupGetsWorseWithItsAge() {
        assertThat(List.of(backup("PT47H"), backup("PT49H"), backup("P9D")))
                .isEqualTo(List.of(State.OK, State.WARN, State.FAIL));
    }

    private static State backup(String age) {
        Instant end = NOW.minus(Duration.parse(age));
        return ReadinessRules.backup(Optional.of(new BackupRun("1", end, "ci", end, "done", null, 10L, 2L)), NOW)
                .state();
    }

    @Test
    void aFleetThatIsWellIsOk() {
        assertThat(ReadinessRules.owners(WELL))
                .isEqualTo(new Check(
                        "owners",
                        "Every asset has an owner",
                        State.OK,
                        "100 of 100 have an owner; without: none",
                        "",
                        ReadinessRules.OWNERS.link()));
        assertThat(ReadinessRules.identities(WELL).state()).isEqualTo(State.OK);
        assertThat(ReadinessRules.telemetry(WELL).state()).isEqualTo(State.OK);
    }

    @Test
    void aFewWarnManyFailAndTheFirstAreNamed() {
        Some few = new Some(5, List.of("a", "b", "c"));
        Some many = new Some(6, List.of("a", "b", "c"));
        assertThat(ReadinessRules.owners(new Assets(100, few, NONE, NONE, NONE, 100, 100, NONE)))
                .extracting(Check::state, Check::found)
                .containsExactly(State.WARN, "95 of 100 have an owner; without: a, b, c and 2 more");
        assertThat(ReadinessRules.owners(new Assets(100, many, NONE, NONE, NONE, 100, 100, NONE))
                        .state())
                .isEqualTo(State.FAIL);
        assertThat(ReadinessRules.telemetry(new Assets(100, NONE, NONE, NONE, NONE, 100, 95, few))
                        .state())
                .isEqualTo(State.WARN);
    }

    @Test
    void oneExpiredIdentityFailsBecauseItCannotRenew() {
        Some one = new Some(1, List.of("a"));
        assertThat(ReadinessRules.identities(new Assets(1000, NONE, NONE, one, NONE, 999, 999, NONE)))
                .extracting(Check::state, Check::found)
                .containsExactly(
                        State.FAIL,
                        "999 of 1000 have a valid certificate; never enrolled: none; expired: a; expire within 7 days: none");
        assertThat(ReadinessRules.identities(new Assets(1000, NONE, NONE, NONE, one, 1000, 1000, NONE))
                        .state())
                .isEqualTo(State.WARN);
    }

    @Test
    void signaturesAreJudgedByWhoseKeysTheyAreAndWhenTheyEnd() {
        assertThat(signing(3, 400, 10, false).state()).isEqualTo(State.OK);
        assertThat(signing(3, 20, 10, false).state()).isEqualTo(State.WARN);
        assertThat(signing(3, 0, 10, false).state()).isEqualTo(State.FAIL);
        assertThat(signing(3, 400, 366, false).state()).isEqualTo(State.WARN);
        assertThat(signing(3, 400, 10, true).state()).isEqualTo(State.FAIL);
        assertThat(signing(0, 400, 10, false).state()).isEqualTo(State.UNKNOWN);
        assertThat(signing(3, 20, 10, false).found())
                .isEqualTo("3 releases are published; the root keys are 10 days old; targets ends in 20 days");
    }

    private static Check signing(long published, int endsInDays, int age, boolean ofDemonstration) {
        List<RoleExpiry> roles = List.of(
                new RoleExpiry("root", NOW.plus(Duration.ofDays(1000))),
                new RoleExpiry("targets", NOW.plus(Duration.ofDays(endsInDays))));
        return ReadinessRules.releases(
                new Signing(published, roles, NOW.minus(Duration.ofDays(age)), ofDemonstration), NOW);
    }

    @Test
    void aRolloutWithoutCanaryFailsOneThatIsHastyWarns() {
        Conduct good = new Conduct("good", 3, 5.0, 0, Duration.ofMinutes(10), true);
        Conduct hasty = new Conduct("hasty", 2, 25.0, 0, Duration.ofSeconds(3), false);
        Conduct blunt = new Conduct("blunt", 1, 100.0, 0, Duration.ofMinutes(10), true);
        assertThat(ReadinessRules.rollouts(List.of(good)).state()).isEqualTo(State.OK);
        assertThat(ReadinessRules.rollouts(List.of(good, hasty)))
                .extracting(Check::state, Check::found)
                .containsExactly(
                        State.WARN,
                        "1 of the newest 2 have a small first wave, soak, and roll back; not: hasty (first wave 25%, soak 3 s,"
                                + " only pauses)");
        assertThat(ReadinessRules.rollouts(List.of(good, blunt)).state()).isEqualTo(State.FAIL);
    }

    @Test
    void driftIsJudgedByItsRateOverFreshReports() {
        assertThat(ReadinessRules.drift(new Drift(200, 100, 1, 100, 0.01)))
                .extracting(Check::state, Check::found)
                .containsExactly(State.OK, "1.0% (1 of 100 with a fresh report); without one: 100");
        assertThat(ReadinessRules.drift(new Drift(100, 100, 3, 0, 0.03)).state())
                .isEqualTo(State.WARN);
        assertThat(ReadinessRules.drift(new Drift(100, 100, 6, 0, 0.06)).state())
                .isEqualTo(State.FAIL);
    }

    @Test
    void theTokenOfTheFirstStartFailsAsLongAsItOpensAnything() {
        assertThat(ReadinessRules.tokens(new Tokens(List.of(new FirstRunToken("first-admin-1", null)), NONE)))
                .extracting(Check::state, Check::found)
                .containsExactly(
                        State.FAIL, "the token of the first start can still be used: first-admin-1, never used");
        assertThat(ReadinessRules.tokens(new Tokens(List.of(), new Some(1, List.of("ann"))))
                        .state())
                .isEqualTo(State.WARN);
        assertThat(ReadinessRules.tokens(new Tokens(List.of(), NONE)).state()).isEqualTo(State.OK);
    }

    @Test
    void anOpenManagementApiFailsAndAPassphraseBesideItsKeyWarns() {
        assertThat(ReadinessRules.exposure(exposure(false, List.of("m.example"), 400))
                        .state())
                .isEqualTo(State.FAIL);
        assertThat(ReadinessRules.exposure(exposure(true, List.of(), 400)).state())
                .isEqualTo(State.WARN);
        assertThat(ReadinessRules.exposure(exposure(true, List.of("m.example"), 400))
                        .state())
                .isEqualTo(State.OK);
        assertThat(ReadinessRules.ca(exposure(true, List.of(), 400), NOW).state())
                .isEqualTo(State.WARN);
        assertThat(ReadinessRules.ca(exposure(true, List.of(), 100), NOW).state())
                .isEqualTo(State.FAIL);
    }

    private static Exposure exposure(boolean local, List<String> hosts, int caDays) {
        return new Exposure("127.0.0.1:8080", local, hosts, true, NOW.plus(Duration.ofDays(caDays)));
    }
}
