package dev.muster.alert.anomaly;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterOutputStream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The table {@code anomaly_model}; states are packed there. */
@Component
class ModelStore {
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    ModelStore(JdbcClient jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @param until what was measured before is in the state */
    record Model(Instant until, byte[] state) {}

    /** Of one condition, by subject. */
    Map<String, Model> load(String rule, String about, int most) {
        Map<String, Model> models = new HashMap<>();
        jdbc.sql("select subject, until, state from anomaly_model where rule = :rule and about = :about limit :most")
                .param("rule", rule)
                .param("about", about)
                .param("most", most)
                .query((row, number) -> models.put(
                        row.getString("subject"),
                        new Model(
                                row.getObject("until", java.time.OffsetDateTime.class)
                                        .toInstant(),
                                unpacked(row.getBytes("state")))))
                .list();
        return models;
    }

    /** All in one transaction: what a group has learned of an asset and what the asset's own model has learned belong together. */
    void save(String rule, String about, Map<String, Model> changed, Collection<String> gone) {
        transaction.executeWithoutResult(status -> {
            changed.forEach((subject, model) -> jdbc.sql("""
                            insert into anomaly_model (rule, about, subject, until, state)
                            values (:rule, :about, :subject, :until, :state)
                            on conflict (rule, about, subject) do update set until = excluded.until, state = excluded.state
                            where anomaly_model.until <= excluded.until""")
                    .param("rule", rule)
                    .param("about", about)
                    .param("subject", subject)
                    .param("until", model.until().atOffset(ZoneOffset.UTC))
                    .param("state", packed(model.state()))
                    .update());
            if (!gone.isEmpty()) {
                jdbc.sql("delete from anomaly_model where rule = :rule and about = :about and subject in (:gone)")
                        .param("rule", rule)
                        .param("about", about)
                        .param("gone", gone)
                        .update();
            }
            jdbc.sql("delete from anomaly_model where rule = :rule and about <> :about")
                    .param("rule", rule)
                    .param("about", about)
                    .update();
        });
    }

    /** Deletes those of rules that are no more; returns the rules that are. */
    Set<String> clean() {
        jdbc.sql("delete from anomaly_model where not exists"
                        + " (select from alert_object o where o.kind = 'AlertRule' and o.name = rule)")
                .update();
        return new HashSet<>(jdbc.sql("select name from alert_object where kind = 'AlertRule'")
                .query(String.class)
                .list());
    }

    private static byte[] packed(byte[] state) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(state);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static byte[] unpacked(byte[] packed) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (InflaterOutputStream out = new InflaterOutputStream(bytes)) {
            out.write(packed);
        } catch (IOException damaged) {
            throw new UncheckedIOException(
                    "a model in anomaly_model cannot be unpacked; delete it, it is learned again", damaged);
        }
        return bytes.toByteArray();
    }
}
