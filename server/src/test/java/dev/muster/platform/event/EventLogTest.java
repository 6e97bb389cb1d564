package dev.muster.platform.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.platform.config.Settings;
import dev.muster.platform.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

class EventLogTest {
    private final DataSource database = TestDatabase.fresh();
    private final JdbcClient jdbc = JdbcClient.create(database);
    private final DataSourceTransactionManager manager = new DataSourceTransactionManager(database);
    private final TransactionTemplate transactions = new TransactionTemplate(manager);
    private final EventLog log = new EventLog(jdbc, manager, JsonMapper.shared());

    @Test
    void keepsWhatWasAppendedInOrder() {
        append("asset.created", "asset/truck-1", Map.of("type", "vehicle"));
        append("asset.retired", "asset/truck-1", Map.of());
        log.sequence();

        List<LoggedEvent> events = log.after(0, 10);
        assertThat(events).extracting(LoggedEvent::type).containsExactly("asset.created", "asset.retired");
        assertThat(events.getFirst().data().get("type").asString()).isEqualTo("vehicle");
        assertThat(log.after(events.getFirst().position(), 10)).containsExactly(events.getLast());
    }

    @Test
    void forgetsAnAppendThatIsRolledBack() {
        transactions.executeWithoutResult(status -> {
            log.append("asset.created", "asset/truck-1", Map.of());
            status.setRollbackOnly();
        });
        log.sequence();
        assertThat(log.after(0, 10)).isEmpty();
    }

    @Test
    void refusesAnAppendOutsideOfATransaction() {
        assertThatThrownBy(() -> log.append("asset.created", "asset/truck-1", Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("asset/truck-1");
    }

    @Test
    void forgetsTheOldestBeyondItsBound() {
        for (int i = 0; i < 20; i++) {
            append("tick", "n/" + i, Map.of());
        }
        log.sequence();
        log.forget(Duration.ofDays(1), 5);
        assertThat(log.after(0, 100))
                .extracting(LoggedEvent::subject)
                .containsExactly("n/15", "n/16", "n/17", "n/18", "n/19");
        assertThat(log.firstPosition()).isEqualTo(log.lastPosition() - 4);
    }

    /**
     * Writers commit after random pauses, some roll back; followers of the log see each committed entry once. The same
     * entries go to a table with a serial number in the same transactions: a follower by that number skips some, which
     * shows that the schedule is hard enough.
     */
    @Test
    void followersNeitherSkipNorRepeatUnderConcurrentWriters() throws Exception {
        long seed = System.nanoTime();
        System.out.println("EventLogTest seed " + seed);
        jdbc.sql("create table naive_log (id bigint generated always as identity primary key, subject text not null)")
                .update();
        int writers = 8;
        int each = 150;
        Set<String> committed = new ConcurrentSkipListSet<>();
        CountDownLatch written = new CountDownLatch(writers);

        List<String> followed = new ArrayList<>();
        List<String> fed = new ArrayList<>();
        Set<String> naive = new TreeSet<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                EventFeed feed = new EventFeed(log, Settings.of(EventFeed.SETTINGS, Map.of()))) {
            List<Future<?>> work = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                int number = writer;
                work.add(threads.submit(() -> {
                    write(number, each, new Random(seed + number), committed);
                    written.countDown();
                }));
            }
            work.add(threads.submit(() -> followLog(written, followed)));
            work.add(threads.submit(() -> {
                followFeed(feed, written, committed, fed);
                return null;
            }));
            work.add(threads.submit(() -> followNaively(written, naive)));
            for (Future<?> task : work) {
                task.get(120, TimeUnit.SECONDS);
            }
        }

        assertThat(followed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(committed);
        assertThat(fed).isEqualTo(followed);
        Set<String> skipped = new TreeSet<>(committed);
        skipped.removeAll(naive);
        System.out.println(committed.size() + " committed, " + (writers * each - committed.size())
                + " rolled back, the naive follower skipped " + skipped.size());
        assertThat(skipped).as("skipped by the planted naive follower").isNotEmpty();
    }

    private void write(int writer, int count, Random random, Set<String> committed) {
        for (int i = 0; i < count; i++) {
            String subject = "n/" + writer + "." + i;
            boolean rollback = random.nextInt(10) == 0;
            long pauseMicros = random.nextInt(4) == 0 ? random.nextInt(20_000) : random.nextInt(500);
            transactions.executeWithoutResult(status -> {
                log.append("tick", subject, Map.of());
                jdbc.sql("insert into naive_log (subject) values (:subject)")
                        .param("subject", subject)
                        .update();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(pauseMicros));
                if (rollback) {
                    status.setRollbackOnly();
                }
            });
            if (!rollback) {
                committed.add(subject);
            }
        }
    }

    /** Sequences by itself too: several servers do. */
    private void followLog(CountDownLatch written, List<String> seen) {
        long position = 0;
        boolean last;
        do {
            last = written.getCount() == 0;
            log.sequence();
            List<LoggedEvent> events = log.after(position, 37);
            while (!events.isEmpty()) {
                events.forEach(event -> seen.add(event.subject()));
                position = events.getLast().position();
                events = log.after(position, 37);
            }
        } while (!last);
    }

    private static void followFeed(EventFeed feed, CountDownLatch written, Set<String> committed, List<String> seen)
            throws InterruptedException {
        long position = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while ((written.getCount() > 0 || seen.size() < committed.size()) && System.nanoTime() < deadline) {
            List<LoggedEvent> events = feed.await(position, 23, Duration.ofMillis(200));
            for (LoggedEvent event : events) {
                seen.add(event.subject());
                position = event.position();
            }
        }
    }

    private void followNaively(CountDownLatch written, Set<String> seen) {
        long[] id = {0};
        boolean last;
        do {
            last = written.getCount() == 0;
            jdbc.sql("select id, subject from naive_log where id > :id order by id")
                    .param("id", id[0])
                    .query(row -> {
                        id[0] = row.getLong("id");
                        seen.add(row.getString("subject"));
                    });
        } while (!last);
    }

    private void append(String type, String subject, Object data) {
        transactions.executeWithoutResult(status -> log.append(type, subject, data));
    }
}
