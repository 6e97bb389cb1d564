package dev.muster.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.limit.Turns.Arrival;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns<String> turns = new Turns<>(new Turns.Bounds(2, 1, 4));

    @Test
    void sourcesTakeTurnsHoweverManyOneOfThemHas() {
        var all = new Turns<String>(new Turns.Bounds(1, 1, 100));
        all.arrive("a", "a0");
        for (int i = 1; i <= 5; i++) {
            all.arrive("a", "a" + i);
        }
        all.arrive("b", "b1");
        all.arrive("c", "c1");
        List<String> order = new ArrayList<>(List.of("a0"));
        for (int i = 0; i < 7; i++) {
            String last = order.getLast();
            order.add(String.valueOf(all.leave(last.substring(0, 1), last)));
        }
        assertThat(order).containsExactly("a0", "a1", "b1", "c1", "a2", "a3", "a4", "a5");
    }

    @Test
    void aSourceThatHoldsItsPartDoesNotKeepOthersOut() {
        turns.arrive("a", "a1");
        assertThat(turns.arrive("a", "a2")).isEqualTo(new Arrival.Waits<>(null));
        assertThat(turns.arrive("b", "b1"))
                .as("a place is free, and a has its part")
                .isEqualTo(new Arrival.Goes<>());
    }

    @Test
    void whoWaitsWithMostMakesRoomForWhoWaitsWithFewer() {
        turns.arrive("a", "a1");
        turns.arrive("b", "b1");
        for (int i = 2; i <= 5; i++) {
            turns.arrive("a", "a" + i);
        }
        assertThat(turns.arrive("a", "a6")).isEqualTo(new Arrival.TurnedAway<>());
        assertThat(turns.arrive("c", "c1")).isEqualTo(new Arrival.Waits<>("a5"));
        assertThat(turns.isFull())
                .as("one source has more than half of the places")
                .isFalse();
        assertThat(turns.arrive("b", "b2")).isEqualTo(new Arrival.Waits<>("a4"));
        assertThat(turns.isFull()).isTrue();
        assertThat(turns.waiting()).isEqualTo(4);
    }

    @Test
    void nothingIsKeptOfThoseWhoHaveGone() {
        turns.arrive("a", "a1");
        turns.arrive("a", "a2");
        assertThat(turns.leave("a", "a2")).as("it waited").isNull();
        assertThat(turns.leave("a", "a1")).isNull();
        assertThat(turns.leave("a", "a1")).as("a second time").isNull();
        assertThat(List.of(turns.going(), turns.waiting(), turns.sources())).containsOnly(0);
    }

    /** Random comings and goings: the bounds hold, no place stays empty that somebody could take, and all get their turn. */
    @Test
    void boundsHoldAndNoTurnIsLostWhateverComes() {
        long seed = System.nanoTime();
        System.out.println("TurnsTest seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            int going = 1 + random.nextInt(6);
            int part = 1 + random.nextInt(going);
            int places = 1 + random.nextInt(10);
            var all = new Turns<String>(new Turns.Bounds(going, part, places));
            Map<String, String> underWay = new HashMap<>();
            Set<String> waits = new HashSet<>();
            for (int step = 0; step < 200; step++) {
                String source = String.valueOf((char) ('a' + Math.min(random.nextInt(5), random.nextInt(5))));
                String one = source + step;
                if (random.nextInt(5) < 3) {
                    switch (all.arrive(source, one)) {
                        case Arrival.Goes<String>() -> underWay.put(one, source);
                        case Arrival.Waits<String>(String away) -> {
                            waits.add(one);
                            if (away != null) {
                                assertThat(waits.remove(away)).isTrue();
                            }
                        }
                        case Arrival.TurnedAway<String>() -> assertThat(waits).hasSize(places);
                    }
                } else {
                    List<String> known = new ArrayList<>(underWay.keySet());
                    known.addAll(waits);
                    if (!known.isEmpty()) {
                        leave(all, known.get(random.nextInt(known.size())), underWay, waits);
                    }
                }
                assertThat(underWay.size()).isLessThanOrEqualTo(going).isEqualTo(all.going());
                assertThat(waits.size()).isLessThanOrEqualTo(places).isEqualTo(all.waiting());
                for (String waiting : waits) {
                    long ofSource = underWay.values().stream()
                            .filter(waiting.substring(0, 1)::equals)
                            .count();
                    assertThat(ofSource <= part && (underWay.size() == going || ofSource == part))
                            .as("round %d step %d: %s waits beside a free place", round, step, waiting)
                            .isTrue();
                }
            }
            while (!underWay.isEmpty()) {
                leave(all, underWay.keySet().iterator().next(), underWay, waits);
            }
            assertThat(waits).as("everybody had a turn").isEmpty();
            assertThat(all.sources()).isZero();
        }
    }

    private static void leave(Turns<String> all, String one, Map<String, String> underWay, Set<String> waits) {
        underWay.remove(one);
        waits.remove(one);
        String next = all.leave(one.substring(0, 1), one);
        if (next != null) {
            assertThat(waits.remove(next)).isTrue();
            underWay.put(next, next.substring(0, 1));
        }
    }
}
