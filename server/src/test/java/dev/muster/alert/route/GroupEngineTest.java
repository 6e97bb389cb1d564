package dev.muster.alert.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.route.GroupEngine.Decision;
import dev.muster.alert.route.GroupEngine.Escalation;
import dev.muster.alert.route.GroupEngine.Member;
import dev.muster.alert.route.GroupEngine.Notice;
import dev.muster.alert.state.Acknowledgement;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GroupEngineTest {
    private static final Instant START = Instant.parse("2026-11-26T08:00:00Z");
    private static final Route ROUTE = Routing.standard().root();
    private static final List<Escalation> STEPS = List.of(new Escalation(Duration.ofMinutes(15), "lead"));

    private GroupState group = GroupState.begun("k", "{}", "team", new TreeMap<>(), START);

    private static Alert alert(String name, AlertState state, @Nullable Acknowledgement acknowledged) {
        return new Alert(
                name,
                new TreeMap<>(Map.of("alertname", name, "severity", "page")),
                Map.of(),
                "test",
                "",
                state,
                START,
                START,
                null,
                null,
                START,
                null,
                List.of(),
                acknowledged,
                null,
                Map.of());
    }

    private static Member firing(String name) {
        return new Member(alert(name, AlertState.FIRING, null), "");
    }

    private List<String> at(int minute, Member... members) {
        Decision decision =
                GroupEngine.decide(group, List.of(members), ROUTE, null, STEPS, START.plus(Duration.ofMinutes(minute)));
        group = decision.after().orElse(group);
        List<String> told = new ArrayList<>();
        for (Notice notice : decision.notices()) {
            told.add(notice.sequence() + " " + notice.receiver() + " " + notice.why() + " "
                    + notice.alerts().stream().map(Alert::fingerprint).toList());
        }
        return told;
    }

    @Test
    void tellsOfWhatIsNewOnceAndOfItsEndOnce() {
        assertThat(at(0, firing("a"))).containsExactly("1 team new [a]");
        assertThat(at(5, firing("a"))).isEmpty();
        assertThat(at(10, firing("a"), firing("b"))).containsExactly("2 team new [a, b]");
        Member over = new Member(alert("a", AlertState.RESOLVED, null), "");
        assertThat(at(12, over, firing("b"))).containsExactly("3 team resolved [b, a]");
        assertThat(at(13, firing("b"))).isEmpty();
    }

    @Test
    void repeatsUntilSomebodyAcknowledges() {
        at(0, firing("a"));
        Member acknowledged = new Member(alert("a", AlertState.FIRING, new Acknowledgement(START, "ann", "")), "");
        assertThat(at(10 * 60, acknowledged)).isEmpty();
        assertThat(at(10 * 60 + 1, firing("a"))).containsExactly("2 team repeated [a]", "3 lead escalated [a]");
    }

    @Test
    void callsTheNextWhenNobodyAcknowledges() {
        at(0, firing("a"));
        assertThat(group.due()).isEqualTo(START.plus(Duration.ofMinutes(5)));
        assertThat(at(14, firing("a"))).isEmpty();
        assertThat(group.due()).isEqualTo(START.plus(Duration.ofMinutes(15)));
        assertThat(at(15, firing("a"))).containsExactly("2 lead escalated [a]");
        assertThat(at(16, firing("a"))).isEmpty();
    }

    @Test
    void whatIsHeldBackIsToldWhenItIsNotAnyMore() {
        Member held = new Member(alert("a", AlertState.FIRING, null), "silenced by s-1");
        assertThat(at(0, held)).isEmpty();
        assertThat(at(5, firing("a"))).containsExactly("1 team new [a]");
        assertThat(at(10, held)).isEmpty();
        assertThat(at(20, firing("a"))).as("it was told before").isEqualTo(List.of("2 lead escalated [a]"));
    }
}
