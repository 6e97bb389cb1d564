package dev.muster.registry.asset;

import dev.muster.registry.document.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What an asset's declared fields may hold. */
public final class AssetRules {
    public static final int MAX_LABELS = 64;
    public static final int MAX_LABEL_VALUE = 256;
    public static final int MAX_TEXT = 200;
    public static final Pattern LABEL_KEY = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?");

    private AssetRules() {}

    /** Everything wrong with the fields taken by themselves; whether the type exists is not asked. */
    public static List<Problem> problems(AssetSpec spec) {
        List<Problem> problems = new ArrayList<>();
        if (spec.type().isEmpty()) {
            problems.add(new Problem("type", "is missing; GET /api/v1/asset-types lists the types"));
        }
        if (spec.labels().size() > MAX_LABELS) {
            problems.add(new Problem(
                    "labels", "has " + spec.labels().size() + " labels, at most " + MAX_LABELS + " are allowed"));
        }
        spec.labels().forEach((key, value) -> {
            if (!LABEL_KEY.matcher(key).matches()) {
                problems.add(new Problem("labels." + printable(key), "is not a label key: it must match " + LABEL_KEY));
            }
            text("labels." + printable(key), value, MAX_LABEL_VALUE, problems);
        });
        text("owner", spec.owner(), MAX_TEXT, problems);
        text("region", spec.region(), MAX_TEXT, problems);
        text("site", spec.site(), MAX_TEXT, problems);
        text("hardware", spec.hardware(), MAX_TEXT, problems);
        return problems;
    }

    private static void text(String path, String value, int max, List<Problem> problems) {
        if (value.length() > max) {
            problems.add(new Problem(path, "has " + value.length() + " characters, at most " + max + " are allowed"));
        }
        if (value.codePoints().anyMatch(AssetRules::isUnfit)) {
            problems.add(new Problem(path, "holds a control character or half of a surrogate pair"));
        }
    }

    private static boolean isUnfit(int codePoint) {
        return Character.isISOControl(codePoint) || (codePoint >= 0xD800 && codePoint <= 0xDFFF);
    }

    private static String printable(String text) {
        String ascii = text.replaceAll("[^\\x20-\\x7e]", "?");
        return ascii.length() <= 64 ? ascii : ascii.substring(0, 64) + "…";
    }
}
