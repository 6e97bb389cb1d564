package dev.muster.rollout;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A server with two releases of the component {@code app}, for the rollouts of one class of tests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RolloutsFixture {
    static final String QUICK = "soak: 0s, timeout: 5m, evidence: confirmed";

    final RolloutServer server = new RolloutServer();

    @BeforeAll
    final void publish() {
        server.publish("app", "2.0");
        server.publish("app", "3.0");
    }

    @AfterAll
    final void close() {
        server.close();
    }
}
