package dev.muster.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptingTest {
    private final List<EmbeddedChannel> open = new ArrayList<>();
    private final Accepting accepting = new Accepting(2);

    @AfterEach
    void closeAll() {
        open.forEach(EmbeddedChannel::close);
    }

    @Test
    void allListenersPauseWhenTheFilesForConnectionsAreTakenAndGoOnWhenOneIsFree() {
        EmbeddedChannel first = listener(new AtomicBoolean());
        EmbeddedChannel second = listener(new AtomicBoolean());
        EmbeddedChannel one = connection();
        assertThat(List.of(accepts(first), accepts(second))).containsOnly(true);

        EmbeddedChannel other = connection();
        assertThat(List.of(accepts(first), accepts(second))).containsOnly(false);

        EmbeddedChannel beyond = connection(); // was accepted already when they paused
        beyond.close();
        assertThat(List.of(accepts(first), accepts(second))).containsOnly(false);

        one.close();
        assertThat(List.of(accepts(first), accepts(second))).containsOnly(true);
        other.close();
        assertThat(accepting.connections()).isZero();
    }

    @Test
    void aListenerWithSomethingInTheWayPausesAlone() {
        AtomicBoolean blocked = new AtomicBoolean();
        EmbeddedChannel first = listener(blocked);
        EmbeddedChannel second = listener(new AtomicBoolean());
        blocked.set(true);
        accepting.look();
        assertThat(List.of(accepts(first), accepts(second))).containsExactly(false, true);

        blocked.set(false);
        accepting.look();
        assertThat(List.of(accepts(first), accepts(second))).containsOnly(true);
    }

    @ParameterizedTest
    @CsvSource({"20000, 18500", "1024, 512", "3000, 1500", "1, 1", "9223372036854775807, 2147483647"})
    void connectionsLeaveFilesToTheStores(long files, int connections) {
        assertThat(Accepting.connectionsOf(files)).isEqualTo(connections);
    }

    private EmbeddedChannel listener(AtomicBoolean blocked) {
        EmbeddedChannel listener = new EmbeddedChannel();
        open.add(listener);
        accepting.guard(listener, blocked::get);
        return listener;
    }

    private EmbeddedChannel connection() {
        EmbeddedChannel connection = new EmbeddedChannel();
        open.add(connection);
        accepting.accepted(connection);
        return connection;
    }

    private static boolean accepts(EmbeddedChannel listener) {
        listener.runPendingTasks();
        return listener.config().isAutoRead();
    }
}
