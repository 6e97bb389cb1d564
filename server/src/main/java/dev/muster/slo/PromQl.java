package dev.muster.slo;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one form of PromQL that is understood: a rate of the server's own counters, so that the same document serves a Prometheus too. */
final class PromQl {
    static final String METRIC = "muster_sli_events_total";
    private static final Pattern FORM = Pattern.compile("sum\\(\\s*rate\\(\\s*" + METRIC
            + "\\s*\\{([^{}]*)}\\s*\\[\\s*(?:\\{\\{\\s*\\.window\\s*}}|\\d+[smhdw])\\s*]\\s*\\)\\s*\\)");
    private static final Pattern LABEL = Pattern.compile("\\s*([a-z]+)\\s*(=~?)\\s*\"([^\"\\\\]*)\"\\s*(?:,|$)");

    private PromQl() {}

    /** @param outcome {@code good}, {@code bad}, or {@code good|bad} */
    record Own(String sli, SliScope scope, String outcome) {
        boolean same(Own other) {
            return sli.equals(other.sli) && scope.equals(other.scope);
        }

        boolean isTotal() {
            return outcome.equals("good|bad") || outcome.equals("bad|good");
        }
    }

    static Optional<Own> parse(String query) {
        Matcher form = FORM.matcher(query.strip());
        if (!form.matches()) {
            return Optional.empty();
        }
        Map<String, String> labels = new HashMap<>();
        Matcher label = LABEL.matcher(form.group(1));
        int at = 0;
        while (at < form.group(1).length() && label.find(at) && label.start() == at) {
            boolean pattern = label.group(2).equals("=~");
            if (pattern && !label.group(1).equals("outcome")) {
                return Optional.empty();
            }
            labels.put(label.group(1), label.group(3));
            at = label.end();
        }
        if (at < form.group(1).length()
                || !java.util.Set.of("sli", "scope", "name", "outcome").containsAll(labels.keySet())) {
            return Optional.empty();
        }
        String kind = labels.getOrDefault("scope", "");
        Optional<SliScope> scope = kind.equals("fleet")
                ? Optional.of(SliScope.FLEET)
                : SliScope.of(kind, labels.getOrDefault("name", "")).filter(found -> !(found instanceof SliScope.One));
        String sli = labels.getOrDefault("sli", "");
        String outcome = labels.getOrDefault("outcome", "");
        return scope.filter(_ -> !sli.isEmpty()).map(found -> new Own(sli, found, outcome));
    }
}
