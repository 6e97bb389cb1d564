package dev.muster.telemetry.questdb;

import io.questdb.log.LogFactory;
import io.questdb.log.LogLevel;
import io.questdb.log.LogRecordUtf8Sink;
import io.questdb.log.LogWriter;
import io.questdb.mp.QueueConsumer;
import io.questdb.mp.RingQueue;
import io.questdb.mp.SCSequence;
import io.questdb.mp.SynchronizedJob;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands QuestDB's log to ours; found by name through {@code questdb-log.conf}. */
public final class QuestDbLog extends SynchronizedJob implements LogWriter {
    private static final Logger log = LoggerFactory.getLogger("questdb");
    private static final String CONFIGURATION = "/dev/muster/telemetry/questdb/questdb-log.conf";

    private final RingQueue<LogRecordUtf8Sink> ring;
    private final SCSequence sequence;
    private final QueueConsumer<LogRecordUtf8Sink> consumer = this::write;

    public QuestDbLog(RingQueue<LogRecordUtf8Sink> ring, SCSequence sequence, int level) {
        this.ring = ring;
        this.sequence = sequence;
    }

    /** Before the first class of QuestDB is touched: it sets its log up once. */
    static void install() {
        if (System.getProperty(LogFactory.CONFIG_SYSTEM_PROPERTY) == null) {
            System.setProperty(LogFactory.CONFIG_SYSTEM_PROPERTY, CONFIGURATION);
        }
    }

    @Override
    public void bindProperties(LogFactory factory) {}

    @Override
    protected boolean runSerially() {
        return sequence.consumeAll(ring, consumer);
    }

    private void write(LogRecordUtf8Sink line) {
        if (line.getLevel() != LogLevel.CRITICAL && line.getLevel() != LogLevel.ERROR) {
            return;
        }
        byte[] bytes = new byte[line.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = line.byteAt(i);
        }
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        if (text.contains("QueryProgress")) {
            // The caller is told why its query failed, or plans it again.
            log.debug("{}", text);
        } else {
            log.error("{}", text);
        }
    }
}
