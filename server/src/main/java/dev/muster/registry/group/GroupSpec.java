package dev.muster.registry.group;

import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.registry.selector.Selectors;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What people declare of a group. */
public record GroupSpec(String description, String selector) {
    static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final int MAX_DESCRIPTION = 1_000;

    /** @param problems receives what is wrong; the result is to be used only when that is nothing */
    public static GroupSpec read(String name, JsonNode spec, Selectors selectors, List<Problem> problems) {
        if (!NAME.matcher(name).matches()) {
            problems.add(new Problem("metadata.name", "must match " + NAME + ", found \"" + name + "\""));
        }
        FieldReader reader = FieldReader.of("spec", spec, problems);
        String description = reader.text("description", "");
        if (description.length() > MAX_DESCRIPTION) {
            reader.problem("description", "is longer than " + MAX_DESCRIPTION + " characters");
        }
        String selector = reader.requiredText("selector");
        if (!selector.isEmpty()) {
            selectors.problem(selector).ifPresent(problem -> reader.problem("selector", problem));
        }
        reader.finish();
        return new GroupSpec(description, selector);
    }
}
