package dev.muster.agent.file;

import dev.muster.agent.state.AssetFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a managed file, with places for what is known of the asset: <code>{{asset.id}}</code>,
 * <code>{{asset.type}}</code>, <code>{{asset.hostname}}</code>, <code>{{labels.NAME}}</code>; <code>{{braces}}</code> is a
 * literal <code>{{</code>.
 */
record Template(String text) {
    private static final Pattern PLACE = Pattern.compile("\\{\\{\\s*([^{}]*?)\\s*}}");
    private static final String LABELS = "labels.";

    /** The places that nothing is known for; empty when it can be rendered. */
    List<String> problems(AssetFacts facts) {
        List<String> problems = new ArrayList<>();
        Matcher places = PLACE.matcher(text);
        while (places.find()) {
            String name = places.group(1);
            if (value(name, facts).isEmpty()) {
                problems.add("uses {{" + name + "}}, " + why(name, facts));
            }
        }
        if (places.reset().replaceAll("").contains("{{")) {
            problems.add("has a {{ that is not closed; a literal one is written {{braces}}");
        }
        return problems;
    }

    /** @throws IllegalArgumentException when there are problems */
    String render(AssetFacts facts) {
        List<String> problems = problems(facts);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("the template " + String.join("; ", problems));
        }
        return PLACE.matcher(text)
                .replaceAll(place ->
                        Matcher.quoteReplacement(value(place.group(1), facts).orElse("")));
    }

    private static Optional<String> value(String name, AssetFacts facts) {
        return switch (name) {
            case "asset.id" -> Optional.of(facts.id().value());
            case "asset.hostname" -> Optional.of(facts.hostname());
            case "asset.type" -> facts.type();
            case "braces" -> Optional.of("{{");
            default ->
                name.startsWith(LABELS)
                        ? Optional.ofNullable(facts.labels().get(name.substring(LABELS.length())))
                        : Optional.empty();
        };
    }

    private static String why(String name, AssetFacts facts) {
        if (name.startsWith(LABELS)) {
            String known = facts.labels().isEmpty()
                    ? "none"
                    : String.join(", ", facts.labels().keySet());
            return "and this asset has no such label; it has " + known;
        }
        return name.equals("asset.type")
                ? "and the server has not told the type yet"
                : "which is not known; known are asset.id, asset.type, asset.hostname, labels.NAME, braces";
    }
}
