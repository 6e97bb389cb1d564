package dev.muster.e2e;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.main.MusterServer;
import dev.muster.main.SettingsCatalog;
import dev.muster.platform.config.SettingsReader;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update;
import dev.muster.protocol.Uplink.Update.State;
import dev.muster.protocol.UplinkCodec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The server as it is shipped, and in its process a fleet too large for sockets: whoever has an order reads his desired document
 * as the downlink would, and answers it with one report that is offered to the journal as the device plane does. From the journal
 * on everything is the server's own: what is written, synced, consumed, compared, nudged, decided.
 *
 * <p>It remembers nothing that matters: after a kill it answers those whose order is still unanswered.
 */
final class AnsweringServer {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PAGE = 2_000;
    private static final int REMEMBERED = 200_000;
    private static final int UNACKNOWLEDGED = 10_000;
    private static final long AGAIN_NANOS = 60_000_000_000L;

    private final JdbcTemplate database;
    private final Journal journal;
    private final Semaphore unacknowledged = new Semaphore(UNACKNOWLEDGED);

    /** When each order was answered; what is not heard of for long is answered again. */
    private final Map<String, Long> answered = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    private AnsweringServer(MusterServer server) {
        this.database = server.bean(JdbcTemplate.class);
        this.journal = server.bean(Journal.class);
    }

    public static void main(String[] flags) throws InterruptedException {
        MusterServer server =
                MusterServer.start(new SettingsReader(SettingsCatalog.ALL).read(List.of(flags), System.getenv()));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        new AnsweringServer(server).answer();
    }

    /** What the downlink would give an asset, and what it ran until now. */
    private record Told(
            int ord, String asset, long generation, JsonNode document, JsonNode software, JsonNode updates) {
        JsonNode app() {
            return document.path("software").path("app");
        }
    }

    private void answer() throws InterruptedException {
        int after = -1;
        while (true) {
            List<Told> told = List.of();
            try {
                told = ordered(after);
            } catch (DataAccessException away) {
                System.err.println("the fleet cannot read what it is told: " + away.getMessage());
            }
            for (Told each : told) {
                answer(each);
            }
            after = told.isEmpty() ? -1 : told.getLast().ord();
            if (told.size() < PAGE) {
                Thread.sleep(100);
            }
        }
    }

    /** By the index on lanes: 2 has an order, and was not heard of since. */
    private List<Told> ordered(int after) {
        return database.query(
                """
                select t.ord, t.asset, d.generation, x.body, r.software, r.updates
                from (select ord, asset from rollout_target
                      where lane in (select id::bigint * 32 + 2 from rollout where live) and stage = 2 and ord > ? order by ord limit ?) t
                join twin_desired d on d.asset = t.asset
                join twin_text x on x.id = d.content
                join twin_reported r on r.asset = t.asset order by t.ord""",
                (row, number) -> new Told(
                        row.getInt("ord"),
                        row.getString("asset"),
                        row.getLong("generation"),
                        JSON.readTree(row.getString("body")),
                        JSON.readTree(row.getString("software")),
                        JSON.readTree(row.getString("updates"))),
                after,
                PAGE);
    }

    private void answer(Told told) throws InterruptedException {
        String attempt = told.app().path("attempt").asString("");
        long now = System.nanoTime();
        Long before = answered.get(attempt);
        if (attempt.isEmpty() || (before != null && now - before < AGAIN_NANOS)) {
            return;
        }
        answered.put(attempt, now);
        unacknowledged.acquire();
        StateReport report = report(told, attempt);
        while (!journal.offer(
                System.currentTimeMillis(),
                new AssetId(told.asset()),
                EntryKind.STATE_REPORTED,
                "",
                PayloadFormat.JSON,
                UplinkCodec.encode(report, PayloadFormat.JSON),
                report,
                acknowledged())) {
            Thread.sleep(20);
        }
    }

    private static StateReport report(Told told, String attempt) {
        String version = told.app().path("version").asString();
        Map<String, String> software = new TreeMap<>();
        told.software().forEachEntry((component, runs) -> software.put(component, runs.asString()));
        String before = software.put("app", version);
        // One that has answered already, and whose answer nobody has looked at yet, says the same again.
        String previous = told.updates().at("/app/previous").asString(before);
        Map<String, Object> config =
                JSON.convertValue(told.document().path("config"), new TypeReference<Map<String, Object>>() {});
        return new StateReport(
                System.currentTimeMillis(),
                told.generation(),
                config,
                software,
                Map.of("app", new Update(version, State.SUCCEEDED, null, null, previous, attempt)),
                null,
                "b-2");
    }

    private Journal.Ack acknowledged() {
        return new Journal.Ack() {
            @Override
            public void durable(long offset) {
                unacknowledged.release();
            }

            @Override
            public void failed(JournalFailure failure) {
                unacknowledged.release();
            }
        };
    }
}
