package dev.muster.alert.rule;

import dev.muster.alert.declared.AppliedAlertObject;
import dev.muster.alert.declared.Declared;
import dev.muster.alert.declared.DeclaredKind;
import dev.muster.alert.declared.DeclaredObjects;
import dev.muster.alert.declared.DeclaredStore;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.registry.selector.Selectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Declared rules: reads them, and keeps those that are in force ready to be evaluated. */
@Component
public class AlertRules implements DeclaredKind {
    private static final Logger LOG = LoggerFactory.getLogger(AlertRules.class);
    public static final String KIND = "AlertRule";
    private static final int MOST = 500;

    private final DeclaredStore store;
    private final Selectors selectors;
    private final Map<String, ConditionKind> kinds = new TreeMap<>();
    private final Map<String, Prepared> prepared = new HashMap<>();

    private record Prepared(long version, AlertRule rule) {}

    AlertRules(DeclaredStore store, Selectors selectors, List<ConditionKind> kinds) {
        this.store = store;
        this.selectors = selectors;
        kinds.forEach(kind -> this.kinds.put(kind.key(), kind));
    }

    @Override
    public String wire() {
        return KIND;
    }

    @Override
    public String words() {
        return "alert rule";
    }

    @Override
    public int most() {
        return MOST;
    }

    @Override
    public int order() {
        return 520;
    }

    @Override
    public void check(String name, FieldReader spec) {
        AlertRule.read(name, spec, selectors, kinds);
    }

    /** One that is not in force, with a condition of its own; what is wrong with it is reported to the reader. */
    AlertRule read(String name, FieldReader spec) {
        return AlertRule.read(name, spec, selectors, kinds);
    }

    /** Those in force; a rule that did not change is the same object, so that its condition remembers. For one thread. */
    List<AlertRule> inForce() {
        List<Declared> declared = store.page(KIND, null, MOST);
        Map<String, Prepared> next = new HashMap<>();
        for (Declared each : declared) {
            Prepared known = prepared.get(each.name());
            if (known != null && known.version() == each.resourceVersion()) {
                next.put(each.name(), known);
                continue;
            }
            List<Problem> problems = new ArrayList<>();
            AlertRule rule =
                    AlertRule.read(each.name(), FieldReader.of("spec", each.spec(), problems), selectors, kinds);
            if (problems.isEmpty()) {
                next.put(each.name(), new Prepared(each.resourceVersion(), rule));
            } else {
                LOG.error("alert rule {} is not evaluated: {}", each.name(), problems.getFirst());
            }
        }
        prepared.clear();
        prepared.putAll(next);
        return prepared.values().stream()
                .map(Prepared::rule)
                .filter(rule -> !rule.paused())
                .toList();
    }

    @Component
    static final class Applied extends AppliedAlertObject {
        Applied(AlertRules kind, DeclaredObjects objects) {
            super(kind, objects);
        }
    }
}
