package dev.muster.alert.rule;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code alert_rule_status}. */
@Component
public class RuleStatusStore {
    private final JdbcClient jdbc;

    RuleStatusStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param problem why the newest evaluation came to nothing; empty when it came to something */
    public record Evaluation(Instant evaluated, long millis, RuleTally.Status counts, String problem) {}

    void save(String rule, Evaluation evaluation) {
        jdbc.sql("""
                        insert into alert_rule_status (rule, evaluated, status) values (:rule, :evaluated, :status::jsonb)
                        on conflict (rule) do update set evaluated = excluded.evaluated, status = excluded.status""")
                .param("rule", rule)
                .param("evaluated", evaluation.evaluated().atOffset(ZoneOffset.UTC))
                .param("status", JsonMapper.shared().writeValueAsString(evaluation))
                .update();
    }

    public Optional<Evaluation> find(String rule) {
        return jdbc.sql("select status from alert_rule_status where rule = :rule")
                .param("rule", rule)
                .query(String.class)
                .optional()
                .map(text -> JsonMapper.shared().readValue(text, Evaluation.class));
    }

    Optional<Instant> evaluated(String rule) {
        return jdbc.sql("select evaluated from alert_rule_status where rule = :rule")
                .param("rule", rule)
                .query(OffsetDateTime.class)
                .optional()
                .map(OffsetDateTime::toInstant);
    }

    /** Those of rules that are no more. */
    void clean() {
        jdbc.sql("delete from alert_rule_status where not exists"
                        + " (select from alert_object o where o.kind = 'AlertRule' and o.name = rule)")
                .update();
    }
}
