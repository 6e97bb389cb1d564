package dev.muster.rollout.engine;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A share from 0 to 100 %, exact to a hundredth of a percent. */
public record Percent(int hundredths) implements Comparable<Percent> {
    public static final Percent ALL = new Percent(10_000);
    private static final Pattern FORM = Pattern.compile("(\\d{1,3})(?:\\.(\\d{1,2}))?\\s*%?");

    public Percent {
        if (hundredths < 0 || hundredths > 10_000) {
            throw new IllegalArgumentException(
                    "a share is from 0 to 10000 hundredths of a percent, found " + hundredths);
        }
    }

    /** Of {@code "10%"}, {@code "0.5%"} or {@code "10"}; empty when it is nothing of that, or more than 100. */
    public static Optional<Percent> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String fraction = matcher.group(2) == null ? "" : matcher.group(2);
        int hundredths = Integer.parseInt(matcher.group(1)) * 100 + Integer.parseInt((fraction + "00").substring(0, 2));
        return hundredths > 10_000 ? Optional.empty() : Optional.of(new Percent(hundredths));
    }

    /** The smallest number that is at least this share of {@code whole}. */
    public int of(int whole) {
        return Math.toIntExact(((long) whole * hundredths + 9_999) / 10_000);
    }

    /** Whether {@code part} of {@code whole} is more than this share. */
    public boolean exceededBy(int part, int whole) {
        return (long) part * 10_000 > (long) whole * hundredths;
    }

    @Override
    public int compareTo(Percent other) {
        return Integer.compare(hundredths, other.hundredths);
    }

    @Override
    public String toString() {
        int rest = hundredths % 100;
        String fraction = rest == 0 ? "" : rest % 10 == 0 ? "." + rest / 10 : "." + (rest < 10 ? "0" : "") + rest;
        return hundredths / 100 + fraction + "%";
    }
}
