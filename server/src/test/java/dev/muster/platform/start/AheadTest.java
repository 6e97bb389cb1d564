package dev.muster.platform.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class AheadTest {
    private final CountDownLatch opening = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);

    private static final class Resource implements AutoCloseable {
        private volatile boolean closed;

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void givesWhatWasOpenedToWhoeverTakesItWhichThenOwnsIt() {
        Resource resource = new Resource();
        try (Ahead ahead = new Ahead()) {
            ahead.begin(Resource.class, () -> resource);
            assertThat(ahead.take(Resource.class)).isSameAs(resource);
        }
        assertThat(resource.closed).isFalse();
    }

    @Test
    void tellsTheTakerWhyItCouldNotBeOpened() {
        IllegalStateException reason = new IllegalStateException("the disk is gone");
        try (Ahead ahead = new Ahead()) {
            ahead.begin(Resource.class, () -> {
                throw reason;
            });
            assertThatThrownBy(() -> ahead.take(Resource.class)).isSameAs(reason);
        }
    }

    @Test
    void closesWhatNobodyTookEvenWhenItOpensLate() throws Exception {
        Resource resource = new Resource();
        try (Ahead ahead = new Ahead()) {
            ahead.begin(Resource.class, () -> {
                opening.countDown();
                awaitInterrupt();
                return resource; // deaf to the interrupt
            });
            opening.await();
        }
        assertThat(resource.closed).isTrue();
    }

    @Test
    void anInterruptedTakerLeavesNothingOpen() throws Exception {
        Resource resource = new Resource();
        try (Ahead ahead = new Ahead()) {
            ahead.begin(Resource.class, () -> {
                opening.countDown();
                awaitInterrupt();
                return resource;
            });
            opening.await();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> ahead.take(Resource.class)).hasMessageContaining("interrupted while Resource");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(resource.closed).isTrue();
        }
    }

    @Test
    void nothingIsTakenTwice() {
        try (Ahead ahead = new Ahead()) {
            ahead.begin(Resource.class, Resource::new);
            ahead.take(Resource.class).close();
            assertThatThrownBy(() -> ahead.take(Resource.class)).hasMessageContaining("taken already");
        }
    }

    private void awaitInterrupt() {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
