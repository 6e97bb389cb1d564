package dev.muster.alert.incident;

import static dev.muster.alert.incident.TiesTest.labels;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.incident.IncidentEngine.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IncidentEngineTest {
    private static final Instant SIGN = Instant.parse("2026-11-26T08:00:00Z");
    private static final AlertFact ALERT = new AlertFact(
            "0123456789abcdef", labels("alertname", "DiskFull", "asset", "pi-1"), "disk of pi-1 is full", SIGN);
    private static final Who ANN = new Who("token ann", true);
    private static final Who BOOK = Who.runbook("disk-full");

    @Test
    void aRunbookThatIsDoneFirstWaitsForTheAlertAndNobodyHadToAct() {
        Incident is = opened();
        is = done(IncidentEngine.acknowledged(is, BOOK, at(40)));
        is = done(IncidentEngine.resolved(is, BOOK, "space was freed", 1, false, at(90)));
        assertThat(is.state()).isEqualTo(State.MITIGATED);

        is = IncidentEngine.calmed(is, ALERT, 0, at(120)).incident();

        assertThat(is.state()).isEqualTo(State.RESOLVED);
        assertThat(is.resolvedBy()).isEqualTo("runbook disk-full");
        assertThat(is.byPerson()).isFalse();
        assertThat(is.times()).isEqualTo(new Incident.Times(SIGN, at(30), null, at(40), at(90), at(120)));
    }

    @Test
    void alertsThatEndAloneMitigateButDoNotResolve() {
        Incident is = IncidentEngine.calmed(opened(), ALERT, 0, at(60)).incident();
        assertThat(is.state()).isEqualTo(State.MITIGATED);
        assertThat(done(IncidentEngine.resolved(is, BOOK, "", 0, false, at(70))).state())
                .isEqualTo(State.RESOLVED);
    }

    @Test
    void aPersonHasToInsistWhileAlertsFireAndARunbookMayNot() {
        assertThat(IncidentEngine.resolved(opened(), ANN, "", 2, false, at(60)))
                .isEqualTo(new Answer.Refused("has 2 alerts that still fire; wait for their end, silence them, or"
                        + " resolve it with force"));
        assertThat(done(IncidentEngine.resolved(opened(), ANN, "", 2, true, at(60))))
                .satisfies(is -> assertThat(is.state()).isEqualTo(State.RESOLVED))
                .satisfies(is -> assertThat(is.byPerson()).isTrue());
        assertThat(done(IncidentEngine.resolved(opened(), BOOK, "", 2, true, at(60)))
                        .state())
                .isEqualTo(State.MITIGATED);
    }

    @Test
    void whoTakesOneThatIsMitigatedIsItsOwner() {
        Incident calm = IncidentEngine.calmed(opened(), ALERT, 0, at(60)).incident();
        Incident is = done(IncidentEngine.acknowledged(calm, ANN, at(70)));
        assertThat(is.state()).isEqualTo(State.MITIGATED);
        assertThat(is.owner()).isEqualTo("token ann");
        assertThat(is.times().acknowledged()).isEqualTo(at(70));
        assertThat(done(IncidentEngine.acknowledged(calm, BOOK, at(70))).owner())
                .isEmpty();
        assertThat(done(IncidentEngine.acknowledged(is, new Who("token bob", true), at(80)))
                        .owner())
                .isEqualTo("token ann");
    }

    @Test
    void anAlertThatComesBackTakesTheWordOfTheRunbookBack() {
        Incident is = done(IncidentEngine.resolved(opened(), BOOK, "", 1, false, at(60)));
        is = IncidentEngine.joined(is, ALERT, true, "", at(70)).incident();
        assertThat(is.state()).isEqualTo(State.OPEN);
        assertThat(is.fixedBy()).isNull();
        assertThat(IncidentEngine.calmed(is, ALERT, 0, at(80)).incident().state())
                .isEqualTo(State.MITIGATED);
    }

    @Test
    void anEarlierSignMovesTheBeginning() {
        AlertFact earlier = new AlertFact("f", labels("alertname", "Slow"), "slow", SIGN.minusSeconds(100));
        assertThat(IncidentEngine.joined(opened(), earlier, false, "same asset pi-1", at(50))
                        .incident()
                        .times()
                        .evidence())
                .isEqualTo(SIGN.minusSeconds(100));
    }

    @Test
    void whateverHappensItsTimesAndItsStateAgree() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int resolved = 0;
        for (int history = 0; history < 3_000; history++) {
            Incident is = opened();
            int firing = 1;
            List<Entry> timeline = new ArrayList<>();
            for (int step = 1; step <= 12; step++) {
                Instant now = at(30 + step * 10L);
                Who who = random.nextBoolean() ? ANN : BOOK;
                Answer answer;
                switch (random.nextInt(7)) {
                    case 0 -> answer = IncidentEngine.acknowledged(is, who, now);
                    case 1 -> answer = IncidentEngine.mitigated(is, who, "", now);
                    case 2 -> answer = IncidentEngine.resolved(is, who, "", firing, random.nextBoolean(), now);
                    case 3 -> answer = IncidentEngine.reopened(is, who, "", now);
                    case 4 -> {
                        if (!is.isOpen()) {
                            continue;
                        }
                        firing++;
                        answer = IncidentEngine.joined(is, ALERT, false, "x", now);
                    }
                    case 5 -> answer = IncidentEngine.notified(is, "told", now);
                    default -> {
                        if (firing == 0) {
                            continue;
                        }
                        firing--;
                        answer = IncidentEngine.calmed(is, ALERT, firing, now);
                    }
                }
                if (answer instanceof Answer.Done(Incident next, List<Entry> entries)) {
                    is = next;
                    timeline.addAll(entries);
                }
                Incident held = is;
                assertThat(held.state() == State.RESOLVED)
                        .as("seed %d, history %d: %s", seed, history, held)
                        .isEqualTo(held.times().resolved() != null);
                assertThat(held.state() == State.RESOLVED && held.resolvedBy() == null)
                        .isFalse();
                if (held.state() == State.RESOLVED) {
                    assertThat(held.times().mitigated()).isNotNull();
                }
                if (held.state() == State.OPEN) {
                    assertThat(held.acknowledgedBy()).isNull();
                }
            }
            if (is.state() == State.RESOLVED) {
                resolved++;
                assertThat(timeline).anyMatch(entry -> entry.kind() == Entry.Kind.RESOLVED);
            }
        }
        assertThat(resolved).as("seed %d", seed).isGreaterThan(300);
    }

    @Test
    void thePostmortemHasTimesCausesTimelineAndActions() {
        Answer.Done opened = IncidentEngine.opened(7, ALERT, "team-edge", List.of("asset.id == 'pi-1'"), at(30));
        List<Entry> timeline = new ArrayList<>(opened.entries());
        Answer.Done closed =
                (Answer.Done) IncidentEngine.resolved(opened.incident(), BOOK, "space | was\nfreed", 0, false, at(150));
        timeline.addAll(closed.entries());
        Incident is = closed.incident()
                .about(
                        List.of("asset.id == 'pi-1'"),
                        1,
                        List.of(new Cause("asset", "pi-1", 0.45, "1 of 1 alert names it")));

        String page = Postmortem.of(
                is,
                List.of(new IncidentStore.StoredAlert(ALERT, at(30), at(140))),
                timeline,
                List.of(new IncidentStore.Action(
                        1, "alert at 80%", "team-edge", java.time.LocalDate.parse("2026-12-24"), null, null)),
                java.util.Map.of("summary", "The disk was full.\n\nOf logs.", "lessons", " "));

        assertThat(page)
                .startsWith("# Postmortem of INC-7: disk of pi-1 is full\n")
                .contains("## Summary\n\nThe disk was full.\n\nOf logs.\n\n## Impact\n")
                .doesNotContain("## Lessons")
                .contains("| A person had to act | no |")
                .contains("| detected | 30 s | 2026-11-26 08:00:30 |")
                .contains("| acknowledged | – | – |")
                .contains("| closed (MTTR) | 2 min 30 s | 2026-11-26 08:02:30 |")
                .contains("1. **asset pi-1** (0.45): 1 of 1 alert names it")
                .contains(
                        "| resolved | runbook disk-full | resolved, 2 min 30 s after the first sign: space \\| was freed |")
                .contains("| 1 | alert at 80% | team-edge | 2026-12-24 | no |");
    }

    @Test
    void figuresCountWhoClosedWithoutAPerson() {
        Incident alone = done(IncidentEngine.resolved(opened(), BOOK, "", 0, false, at(100)));
        Incident helped = done(IncidentEngine.resolved(opened(), ANN, "", 0, false, at(300)));
        assertThat(Figures.of(2, List.of(alone, helped)))
                .isEqualTo(new Figures(
                        2, 2, 30L, 200L, 200L, 0.5, List.of(new Figures.OfClass("DiskFull", 2, 1, 0.5, 200))));
        assertThat(Figures.of(0, List.of())).isEqualTo(new Figures(0, 0, null, null, null, null, List.of()));
    }

    private static Incident opened() {
        return IncidentEngine.opened(7, ALERT, "", List.of(), at(30)).incident();
    }

    private static Incident done(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Done.class);
        return ((Answer.Done) answer).incident();
    }

    private static Instant at(long seconds) {
        return SIGN.plusSeconds(seconds);
    }
}
