package dev.muster.alert.route;

import dev.muster.alert.match.Matcher;
import java.util.List;
import java.util.Map;

/**
 * While something that the source matches fires, nobody is told of what the target matches. As with Alertmanager, what matches both
 * sides does not hold back others that do, and labels that both lack are equal.
 *
 * @param equal labels in which both have to agree
 */
public record Inhibition(List<Matcher> source, List<Matcher> target, List<String> equal) {
    public boolean holdsBack(Map<String, String> firing, Map<String, String> other) {
        if (!Matcher.all(target, other) || !Matcher.all(source, firing)) {
            return false;
        }
        boolean both = Matcher.all(source, other) && Matcher.all(target, firing);
        return !both
                && equal.stream()
                        .allMatch(label -> firing.getOrDefault(label, "").equals(other.getOrDefault(label, "")));
    }

    @Override
    public String toString() {
        return source + " holds back " + target + (equal.isEmpty() ? "" : " where equal are " + equal);
    }
}
