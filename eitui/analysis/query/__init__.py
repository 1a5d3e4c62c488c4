"""The filter of the trial table: `status:failed or (val_accuracy>=90% and not latency>50)`.

    term    is         word | "quoted text" | field:value | field<number (also <=, >, >=, =, !=) | is:flag
            names and values with spaces or signs in them are quoted: "odd name":"some value"
    joined  by         and (or nothing between), or, not, parentheses; `and` binds tighter than `or`

Capitals never matter. `fields` has what can be compared, `values` how numbers are typed.
"""
