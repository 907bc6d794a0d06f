"""The desk over a local socket: `codec` frames it, `verbs` is the list of what may be asked, `server` answers,
`client` asks, `launch` sees to it that one engine runs. Importing this package imports none of them."""
