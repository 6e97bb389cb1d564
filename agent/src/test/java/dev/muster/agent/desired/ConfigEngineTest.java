package dev.muster.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.desired.ConfigEngine.Action;
import dev.muster.agent.desired.ConfigEngine.Bounds;
import dev.muster.agent.desired.ConfigEngine.Decision;
import dev.muster.agent.desired.ConfigEngine.Seen;
import dev.muster.agent.desired.ConfigState.Phase;
import dev.muster.protocol.Uplink;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

class ConfigEngineTest {
    private static final Bounds BOUNDS = new Bounds(Duration.ofSeconds(10), Duration.ofSeconds(40), 3, 2);

    @Test
    void keepsAConfigurationWithWhichTheAssetStaysWell() {
        Decision decision = ConfigEngine.wanted(ConfigState.initial(), wants(1, "fine"), List.of());
        assertThat(decision.action()).isEqualTo(new Action.Apply(wants(1, "fine")));
        decision = ConfigEngine.applied(decision.state(), Optional.empty());
        decision = ConfigEngine.watched(decision.state(), seen(9, true), BOUNDS);
        assertThat(decision.state().good()).isEqualTo(DesiredDocument.none());
        decision = ConfigEngine.watched(decision.state(), seen(10, true), BOUNDS);
        assertThat(decision.state()).isEqualTo(new ConfigState(wants(1, "fine"), null, null));
    }

    @Test
    void returnsToTheLastGoodOneWhenItCannotBeApplied() {
        Decision decision = ConfigEngine.applied(trying(2, "broken"), Optional.of("nginx -t ended with 1"));
        assertThat(decision.action()).isEqualTo(new Action.Apply(wants(1, "good")));
        decision = ConfigEngine.applied(decision.state(), Optional.empty());
        assertThat(decision.state())
                .isEqualTo(new ConfigState(wants(1, "good"), null, new Uplink.Rejected(2, "nginx -t ended with 1")));
    }

    @Test
    void returnsWhenSomethingBecomesUnwell() {
        ConfigState confirming =
                ConfigEngine.applied(trying(2, "bad"), Optional.empty()).state();
        Seen unwell = new Seen(Duration.ofSeconds(3), true, true, List.of("app is not healthy: ended with 1"), true);
        Decision decision = ConfigEngine.watched(confirming, unwell, BOUNDS);
        assertThat(decision.action()).isEqualTo(new Action.Apply(wants(1, "good")));
        decision = ConfigEngine.applied(decision.state(), Optional.empty());
        assertThat(decision.state().rejected()).isEqualTo(new Uplink.Rejected(2, "app is not healthy: ended with 1"));
    }

    @Test
    void waitsUntilItIsKnownHowEverythingIs() {
        ConfigState confirming =
                ConfigEngine.applied(trying(2, "slow"), Optional.empty()).state();
        Seen unsettled = new Seen(Duration.ofSeconds(100), true, true, List.of(), false);
        assertThat(ConfigEngine.watched(confirming, unsettled, BOUNDS))
                .isEqualTo(new Decision(confirming, new Action.Watch()));
    }

    @Test
    void blamesTheConfigurationWhenTheConnectionComesBackWithoutIt() {
        Decision decision = ConfigEngine.watched(unconnected(), seen(5, true), BOUNDS);
        assertThat(decision.state().rejected())
                .isEqualTo(new Uplink.Rejected(
                        2,
                        "the connection to the server was lost and did not come back within 40 s,"
                                + " and came back with the last good configuration"));
    }

    @Test
    void triesAgainWhenTheConnectionStaysAwayWithoutItToo() {
        ConfigState deferred =
                ConfigEngine.watched(unconnected(), seen(40, false), BOUNDS).state();
        assertThat(ConfigEngine.watched(deferred, seen(4000, false), BOUNDS).action())
                .isEqualTo(new Action.Watch());
        Decision again = ConfigEngine.watched(deferred, seen(4001, true), BOUNDS);
        assertThat(again.action()).isEqualTo(new Action.Apply(wants(2, "bad")));
        assertThat(again.state().rejected()).isNull();
    }

    @Test
    void aConfigurationThatCameWithoutAConnectionNeedsNoneToBeConfirmed() {
        ConfigState confirming =
                ConfigEngine.applied(trying(2, "fine"), Optional.empty()).state();
        Seen offline = new Seen(Duration.ofSeconds(10), false, false, List.of(), true);
        assertThat(ConfigEngine.watched(confirming, offline, BOUNDS).state().good())
                .isEqualTo(wants(2, "fine"));
    }

    @Test
    void givesUpOneThatBringsTheAgentDown() {
        ConfigState state = trying(2, "deadly");
        for (int start = 1; start <= 3; start++) {
            Decision decision = ConfigEngine.started(state, BOUNDS);
            assertThat(decision.action()).isEqualTo(new Action.Apply(wants(2, "deadly")));
            state = decision.state();
        }
        Decision decision = ConfigEngine.started(state, BOUNDS);
        assertThat(decision.action()).isEqualTo(new Action.Apply(wants(1, "good")));
        assertThat(ConfigEngine.applied(decision.state(), Optional.empty())
                        .state()
                        .rejected())
                .isEqualTo(new Uplink.Rejected(2, "the agent was started 3 times while it was tried"));
    }

    @Test
    void takesSoftwareAloneWithoutATrial() {
        ConfigState good = new ConfigState(wants(1, "good"), null, null);
        DesiredDocument next = new DesiredDocument(
                2, wants(1, "good").config(), Map.of("app", new Wanted("2.0", null, null, null, null, null)));
        assertThat(ConfigEngine.wanted(good, next, List.of()))
                .isEqualTo(new Decision(new ConfigState(next, null, null), new Action.Apply(next)));
    }

    @Test
    void anOlderOrRejectedGenerationIsNotTriedAgain() {
        ConfigState state = new ConfigState(wants(4, "good"), null, new Uplink.Rejected(6, "bad"));
        for (long generation : List.of(3L, 4L, 5L, 6L)) {
            assertThat(ConfigEngine.wanted(state, wants(generation, "x"), List.of())
                            .state())
                    .isEqualTo(state);
        }
        assertThat(ConfigEngine.wanted(state, wants(7, "x"), List.of()).action())
                .isEqualTo(new Action.Apply(wants(7, "x")));
    }

    @Test
    void whateverHappensTheConfigurationInEffectIsTheOneThatItSays() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Map<Phase, Integer> kills = new EnumMap<>(Phase.class);
        int kept = 0;
        int rejected = 0;
        for (int i = 0; i < 2000; i++) {
            Life life = new Life(random, kills);
            for (int round = 0; round < 200; round++) {
                life.live();
            }
            life.settle();
            assertThat(life.inEffect)
                    .as("seed %d, life %d", seed, i)
                    .isEqualTo(life.state.good().config());
            assertThat(life.state.good().config().path("is").asString("")).isNotIn("broken", "unwell", "cutting");
            kept += life.state.good().generation() == life.newest ? 1 : 0;
            rejected += life.state.rejected() != null ? 1 : 0;
        }
        System.out.println(
                "2000 lives, newest kept in " + kept + ", one rejected in " + rejected + ", kills by phase " + kills);
        assertThat(kills).containsOnlyKeys(Phase.values());
        assertThat(kept).isPositive();
    }

    /** An asset whose agent is killed now and then, with a server that is away now and then. */
    private static final class Life {
        private static final List<String> KINDS = List.of("fine", "fine", "broken", "unwell", "cutting", "deadly");
        private final Random random;
        private final Map<Phase, Integer> kills;
        private ConfigState state = ConfigState.initial();
        private Object inEffect = state.good().config();
        private String kind = "fine";
        private Action action = new Action.Nothing();
        private boolean serverUp = true;
        private boolean wasConnected;
        private long seconds;
        private long appliedAt;
        private long newest;

        Life(Random random, Map<Phase, Integer> kills) {
            this.random = random;
            this.kills = kills;
        }

        void live() {
            seconds += random.nextInt(20);
            if (random.nextInt(20) == 0) {
                serverUp = !serverUp;
            }
            if (random.nextInt(15) == 0 && !(action instanceof Action.Apply)) {
                String next = KINDS.get(random.nextInt(KINDS.size()));
                decide(ConfigEngine.wanted(
                        state, wants(++newest, next), random.nextInt(6) == 0 ? List.of("no") : List.of()));
            }
            boolean killed = random.nextInt(10) == 0 || (kind.equals("deadly") && random.nextInt(3) == 0);
            if (killed && state.trial() != null) {
                kills.merge(state.trial().phase(), 1, Integer::sum);
            }
            step(killed);
        }

        private void step(boolean killed) {
            switch (action) {
                case Action.Apply(DesiredDocument document) -> {
                    if (killed && random.nextBoolean()) {
                        inEffect = "half of " + document.generation();
                    } else {
                        apply(document);
                    }
                    decide(
                            killed
                                    ? ConfigEngine.started(state, BOUNDS)
                                    : ConfigEngine.applied(
                                            state,
                                            kind.equals("broken") ? Optional.of("it is broken") : Optional.empty()));
                }
                case Action.Watch() ->
                    decide(killed ? ConfigEngine.started(state, BOUNDS) : ConfigEngine.watched(state, now(), BOUNDS));
                case Action.Nothing() -> {
                    if (killed) {
                        decide(ConfigEngine.started(state, BOUNDS));
                    }
                }
            }
        }

        private void apply(DesiredDocument document) {
            wasConnected = connected();
            inEffect = document.config();
            kind = document.config().path("is").asString("fine");
            appliedAt = seconds;
        }

        private Seen now() {
            List<String> unwell = kind.equals("unwell") ? List.of("unwell") : List.of();
            // a server that is away at the moment of applying confirms even a cutting configuration; not modelled here
            return new Seen(
                    Duration.ofSeconds(seconds - appliedAt),
                    wasConnected || kind.equals("cutting"),
                    connected(),
                    unwell,
                    true);
        }

        private boolean connected() {
            return serverUp && !kind.equals("cutting");
        }

        private void decide(Decision decision) {
            state = decision.state();
            action = decision.action();
        }

        void settle() {
            serverUp = true;
            for (int i = 0; i < 1000 && !(action instanceof Action.Nothing); i++) {
                seconds += 5;
                step(false);
            }
            assertThat(state.trial()).isNull();
        }
    }

    private static ConfigState trying(long generation, String is) {
        ConfigState good = new ConfigState(wants(1, "good"), null, null);
        return ConfigEngine.wanted(good, wants(generation, is), List.of()).state();
    }

    /** Gave generation 2 up for want of a connection, and is back at generation 1. */
    private static ConfigState unconnected() {
        ConfigState confirming =
                ConfigEngine.applied(trying(2, "bad"), Optional.empty()).state();
        Decision decision = ConfigEngine.watched(confirming, seen(39, false), BOUNDS);
        assertThat(decision.action()).isEqualTo(new Action.Watch());
        decision = ConfigEngine.watched(decision.state(), seen(40, false), BOUNDS);
        assertThat(decision.action()).isEqualTo(new Action.Apply(wants(1, "good")));
        return ConfigEngine.applied(decision.state(), Optional.empty()).state();
    }

    private static Seen seen(long seconds, boolean connected) {
        return new Seen(Duration.ofSeconds(seconds), true, connected, List.of(), true);
    }

    private static DesiredDocument wants(long generation, String is) {
        return new DesiredDocument(
                generation, JsonNodeFactory.instance.objectNode().put("is", is), Map.of());
    }
}
